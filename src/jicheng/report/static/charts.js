// Draw every chart of the page in the language that is chosen; the drawing is SVG.
"use strict";
(() => {
  const drawn = new Map();
  const chosen = {}; // chart id -> chain that is shown, absent = all

  // Keep what belongs to the chosen chain; points of other kinds have no chain.
  const ofChain = (option, chain) => ({
    ...option,
    series: option.series.map((series) => ({
      ...series,
      data: series.data.filter((point) => point.chain === undefined || point.chain === chain),
    })),
  });

  // Long names leave less room on a narrow screen: there they get a third of it, on one
  // line that may be cut short; the table of the numbers has them whole.
  const fitted = (option, width) => {
    const axis = option.yAxis;
    if (!axis || axis.type !== "category" || axis.axisLabel.width <= width / 3) return option;
    const label = { ...axis.axisLabel, width: width / 3, overflow: "truncate", fontSize: 11 };
    return { ...option, yAxis: { ...axis, axisLabel: label } };
  };

  const draw = (node) => {
    const id = node.dataset.chart;
    let option = Report.data.charts[id][Report.language];
    if (chosen[id] !== undefined) option = ofChain(option, chosen[id]);
    drawn.get(id)?.dispose();
    const chart = echarts.init(node, null, {
      renderer: "svg", locale: Report.language === "en" ? "EN" : "ZH",
    });
    chart.setOption(ChartFunctions.resolve(fitted(option, node.clientWidth)));
    chart.on("click", (event) => {
      if (event.data && event.data.id) Panel.open(event.data.id, node);
    });
    drawn.set(id, chart);
  };
  const nodes = [...document.querySelectorAll("[data-chart]")];
  const drawAll = () => nodes.forEach(draw);

  for (const select of document.querySelectorAll("[data-filters-chart]")) {
    select.addEventListener("change", () => {
      const id = select.dataset.filtersChart;
      if (select.value === "*") delete chosen[id];
      else chosen[id] = select.value;
      draw(nodes.find((node) => node.dataset.chart === id));
    });
  }

  Report.onLanguage(drawAll);
  let waiting;
  window.addEventListener("resize", () => {
    clearTimeout(waiting);
    waiting = setTimeout(drawAll, 150);
  });
  // On paper a drawing is as wide as the type area of A4, whatever the screen was.
  const widths = (width) => {
    for (const node of nodes) node.style.width = width;
    drawAll();
  };
  window.addEventListener("beforeprint", () => widths("660px"));
  window.addEventListener("afterprint", () => widths(""));
})();
