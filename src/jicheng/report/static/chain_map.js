// The chain map: cards from inputs (left) to products (right), one chain at a time.
// Positions come from dagre; Cytoscape draws. The nested list below says the same.
"use strict";
(() => {
  const box = document.getElementById("map");
  if (!box) return;
  const { technologies, arrows, verdicts } = Report.data;
  const onlyRisk = document.getElementById("only-risk");
  const tabs = [...document.querySelectorAll("#chain [role=tab]")];
  const FONT = '"Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif';
  const INNER = 128;
  const CROWDED = 40; // technologies above which only the paths of risk are shown at first
  const SHAPES = {
    chokepoint: '<path d="M8 1.6 15.2 14.4H.8z" fill="C"/>',
    watch: '<path d="M8 .8 15.2 8 8 15.2.8 8z" fill="C"/>',
    safe: '<circle cx="8" cy="8" r="6.6" fill="C"/>',
    no_data: '<rect x="2" y="2" width="12" height="12" fill="none" stroke="C" stroke-width="1.6" stroke-dasharray="2.6 2"/>',
  };
  const shape = (verdict) =>
    "data:image/svg+xml;utf8," + encodeURIComponent(
      `<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16" viewBox="0 0 16 16">${
        SHAPES[verdict].replaceAll("C", verdicts[verdict].colour)}</svg>`);

  const ruler = document.createElement("canvas").getContext("2d");
  ruler.font = `12px ${FONT}`;

  // Break a name into lines of the card's width: at spaces, else between characters.
  const broken = (text) => {
    const pieces = text.match(/[\u3400-\u9fff]|[^\s\u3400-\u9fff]+\s?|\s/g) || [text];
    const lines = [""];
    for (const piece of pieces) {
      const longer = lines[lines.length - 1] + piece;
      if (lines[lines.length - 1] && ruler.measureText(longer.trimEnd()).width > INNER) {
        lines.push(piece);
      } else {
        lines[lines.length - 1] = longer;
      }
    }
    const kept = lines.slice(0, 3).map((line) => line.trim());
    if (lines.length > 3) kept[2] = `${kept[2].slice(0, -1)}…`;
    return kept;
  };

  const card = (id, chain) => {
    const record = technologies[id];
    const lines = broken(Report.word(record.name));
    const hasChance = record.verdict === "chokepoint" || record.verdict === "watch";
    const chance = hasChance ? ` · P ${Report.word(record.p)}` : "";
    const isOther = chain !== "*" && record.chain !== chain;
    return {
      data: {
        id, verdict: record.verdict, image: shape(record.verdict), isOther,
        label: [...lines, `${Report.word(verdicts[record.verdict].word)}${chance}`].join("\n"),
        w: INNER + 42, h: 14 + 16 * (lines.length + 1),
      },
    };
  };

  const selection = (chain) => {
    const own = new Set(
      Object.keys(technologies).filter((id) => chain === "*" || technologies[id].chain === chain));
    const isRisk = (id) => ["chokepoint", "watch"].includes(technologies[id].verdict);
    let links = arrows.filter(([, target]) => own.has(target)); // what the chain depends on
    let ids = new Set([...own, ...links.map(([source]) => source)]);
    if (onlyRisk.checked) {
      ids = downstream([...ids].filter(isRisk), links);
      links = links.filter(([source, target]) => ids.has(source) && ids.has(target));
    }
    return { ids: [...ids].sort(), links };
  };

  // Some technologies and all that depends on them.
  const downstream = (start, links) => {
    const reached = new Set(start);
    const waiting = [...start];
    while (waiting.length) {
      const from = waiting.pop();
      for (const [source, target] of links) {
        if (source === from && !reached.has(target)) {
          reached.add(target);
          waiting.push(target);
        }
      }
    }
    return reached;
  };

  const lay = (nodes, links) => {
    const graph = new dagre.graphlib.Graph();
    graph.setGraph({ rankdir: "LR", nodesep: 14, edgesep: 6, ranksep: 56, marginx: 12, marginy: 12 });
    graph.setDefaultEdgeLabel(() => ({}));
    for (const { data } of nodes) graph.setNode(data.id, { width: data.w, height: data.h });
    for (const [source, target] of links) graph.setEdge(source, target);
    dagre.layout(graph);
    return graph;
  };

  // Bend an edge along the points that the layout reserved for it; between neighbouring
  // ranks an S from side to side is enough.
  const bends = (graph, source, target) => {
    const from = graph.node(source);
    const to = graph.node(target);
    const reserved = graph.edge(source, target).points.slice(1, -1);
    const start = from.x + from.width / 2;
    const middle = (start + to.x - to.width / 2) / 2;
    const points = reserved.length > 1 ? reserved
      : [{ x: middle, y: from.y }, { x: middle, y: to.y }];
    const dx = to.x - from.x;
    const dy = to.y - from.y;
    const length = Math.hypot(dx, dy) || 1;
    return {
      weights: points.map((p) => ((p.x - from.x) * dx + (p.y - from.y) * dy) / length ** 2),
      distances: points.map((p) => ((p.y - from.y) * dx - (p.x - from.x) * dy) / length),
    };
  };

  const style = [
    { selector: "node", style: {
      shape: "round-rectangle", width: "data(w)", height: "data(h)", "background-color": "#fff",
      "border-width": 1.4, label: "data(label)", "text-wrap": "wrap", "text-max-width": 400,
      "text-valign": "center", "text-halign": "right", "text-justification": "left",
      "text-margin-x": (node) => 30 - node.data("w"), "font-family": FONT, "font-size": 12, "line-height": 1.25,
      color: "#1f2937", "background-image": "data(image)", "background-width": 14,
      "background-height": 14, "background-position-x": 8, "background-position-y": "50%",
    } },
    ...Object.entries(verdicts).map(([verdict, { colour }]) => ({
      selector: `node[verdict = "${verdict}"]`,
      style: { "border-color": colour, "border-style": verdict === "no_data" ? "dashed" : "solid" },
    })),
    { selector: 'node[verdict = "chokepoint"]', style: {
      "background-color": "#fdf1f1", "border-width": 2 } },
    { selector: "node[?isOther]", style: { "background-color": "#eef0f3", color: "#4b5563", "border-width": 1 } },
    { selector: "edge", style: {
      width: 1.3, "line-color": "#8a94a0", "target-arrow-color": "#8a94a0",
      "target-arrow-shape": "triangle", "arrow-scale": 0.8, "source-endpoint": "90deg",
      "target-endpoint": "270deg",
    } },
    { selector: "edge", style: {
      "curve-style": "unbundled-bezier", "control-point-weights": "data(weights)",
      "control-point-distances": "data(distances)", "edge-distances": "node-position" } },
    { selector: 'edge[essentiality = "essential"]', style: {
      width: 2, "line-color": "#4b5563", "target-arrow-color": "#4b5563" } },
    { selector: 'edge[relation = "category"]', style: {
      "line-style": "dashed", "target-arrow-shape": "circle" } },
    { selector: ".faded", style: { opacity: 0.16 } },
    { selector: "node.chosen", style: { "border-width": 3.5, "border-color": "#1f6feb" } },
  ];

  let map = null;
  let current = null;
  let picturing;

  const show = (chain) => {
    current = chain;
    const { ids, links } = selection(chain);
    const nodes = ids.map((id) => card(id, chain));
    const graph = lay(nodes, links);
    const edges = links.map(([source, target, relation, essentiality], k) => {
      const bent = bends(graph, source, target);
      return { data: {
        id: `arrow-${k}`, source, target, relation, essentiality,
        ...bent,
      } };
    });
    map?.destroy();
    const { width, height } = graph.graph();
    const scale = Math.min(1, box.clientWidth / width);
    box.style.height = `${Math.max(260, Math.min(820, height * scale + 24))}px`;
    document.getElementById("map-empty").hidden = nodes.length > 0;
    map = cytoscape({
      container: box, elements: [...nodes, ...edges], style,
      minZoom: 0.15, maxZoom: 2.5, boxSelectionEnabled: false, autoungrabify: true,
      layout: { name: "preset", fit: false, positions: (node) => {
        const { x, y } = graph.node(node.id());
        return { x, y };
      } },
    });
    map.userZoomingEnabled(false); // the page scrolls; zoom by the buttons or a pinch
    fit();
    map.on("tap", "node", (event) => Panel.open(event.target.id(), box));
    clearTimeout(picturing);
    picturing = setTimeout(picture, 400);
  };

  // Paper gets a picture of the whole map, made while there is time.
  const picture = () => {
    document.getElementById("map-paper").src = map.png({
      full: true, maxWidth: 1800, maxHeight: 2000, bg: "#ffffff",
    });
  };

  const fit = () => {
    map.fit(undefined, 12);
    if (map.zoom() > 1) { map.zoom(1); map.center(); }
    if (map.zoom() < 0.62) { // never so small that names cannot be read: pan instead
      map.zoom(0.62);
      const whole = map.elements().boundingBox();
      const spare = box.clientHeight - whole.h * 0.62;
      map.pan({
        x: box.clientWidth - whole.x2 * 0.62 - 12, y: spare / 2 - whole.y1 * 0.62,
      });
    }
  };

  // Show what a technology depends on and what depends on it; fade the rest.
  const highlight = (id) => {
    map.elements().removeClass("faded chosen");
    if (id === null) return;
    const node = map.getElementById(id);
    if (node.empty()) return;
    map.elements().not(node.union(node.predecessors()).union(node.successors())).addClass("faded");
    node.addClass("chosen");
    const free = Math.min(box.clientWidth, panelLeft() - box.getBoundingClientRect().left);
    const { x } = node.renderedPosition();
    const half = node.renderedWidth() / 2;
    if (free > 300 && x + half > free) map.panBy({ x: free - x - half - 12, y: 0 });
  };

  const panelLeft = () => document.getElementById("panel").getBoundingClientRect().left;

  const choose = (tab) => {
    for (const other of tabs) {
      other.setAttribute("aria-selected", String(other === tab));
      other.tabIndex = other === tab ? 0 : -1;
    }
    const { chain } = tab.dataset;
    const size = Object.values(technologies).filter((t) => chain === "*" || t.chain === chain);
    onlyRisk.checked = size.length > CROWDED;
    show(chain);
  };

  tabs.forEach((tab, k) => {
    tab.addEventListener("click", () => choose(tab));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = tabs[(k + step + tabs.length) % tabs.length];
      choose(next);
      next.focus();
    });
  });
  for (const button of document.querySelectorAll("[data-zoom]")) {
    button.addEventListener("click", () => {
      if (button.dataset.zoom === "fit") { fit(); return; }
      const factor = button.dataset.zoom === "in" ? 1.25 : 0.8;
      map.zoom({ level: map.zoom() * factor, renderedPosition: {
        x: box.clientWidth / 2, y: box.clientHeight / 2 } });
    });
  }
  // What stands above the map may have moved it since: measure before a click is placed.
  box.addEventListener("pointerenter", () => map.resize());
  onlyRisk.addEventListener("change", () => show(current));
  document.addEventListener("technology", (event) => highlight(event.detail));
  Report.onLanguage(() => show(current ?? tabs[0].dataset.chain));
  let waiting;
  window.addEventListener("resize", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { map.resize(); fit(); }, 150);
  });
  Report.chainMap = () => map;
})();
