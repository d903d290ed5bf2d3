// The panel at the right: why a technology has its verdict, from which rows, and what
// would change it. Everything is written as text, never as markup.
"use strict";
const Panel = (() => {
  const panel = document.getElementById("panel");
  const body = document.getElementById("panel-body");
  let opener = null;
  let shown = null;

  const technologyButton = (id) => {
    const record = Report.data.technologies[id];
    const button = Report.element("button", "", {
      type: "button", class: "link", "data-technology": id,
    });
    button.append(Report.icon(record.verdict), Report.element("span", record.name));
    return button;
  };

  const list = (items) => {
    const made = document.createElement("ul");
    made.className = "plain-list";
    for (const item of items) {
      const entry = document.createElement("li");
      entry.append(item);
      made.append(entry);
    }
    return made;
  };

  const head = (id, record) => {
    const verdict = Report.data.verdicts[record.verdict];
    const mark = document.createElement("p");
    mark.className = `verdict verdict-${record.verdict}`;
    mark.append(Report.icon(record.verdict), Report.element("span", verdict.word));
    const place = Report.element("p", [record.chain, record.chain].map((c) => `${c} · ${id}`), {
      class: "fine",
    });
    return [Report.element("h2", record.name), mark, place];
  };

  const facts = (record) => {
    if (!record.facts.length) return [];
    const made = document.createElement("dl");
    made.className = "facts";
    for (const [label, value, interval, state] of record.facts) {
      const line = document.createElement("div");
      const term = Report.element("dt", label);
      const said = document.createElement("dd");
      if (state) said.append(Report.icon(state));
      const words = Report.element("span", value, state ? { class: "state" } : {});
      said.append(words);
      if (interval) {
        said.append(Report.element("small", interval, { class: "interval" }));
      }
      line.append(term, said);
      made.append(line);
    }
    return [Report.element("h3", Report.data.texts["panel.facts"]), made];
  };

  const sourceRows = (rows) => {
    const table = document.createElement("table");
    const top = document.createElement("tr");
    const names = ["table", "key", "source", "as_of"];
    for (const name of names) {
      top.append(Report.element("th", Report.data.texts[`panel.source.${name}`], { scope: "col" }));
    }
    table.append(top);
    for (const row of rows) {
      const line = document.createElement("tr");
      for (const name of names) line.append(Report.element("td", Report.word(row[name]) || "—"));
      table.append(line);
    }
    const box = document.createElement("div");
    box.className = "scroll";
    box.tabIndex = 0;
    box.append(table);
    return [Report.element("h4", Report.data.texts["panel.rows"]), box];
  };

  const explanation = (record) => {
    if (!record.blocks.length) {
      return [Report.element("p", Report.data.texts["panel.no_explanation"], { class: "fine" })];
    }
    return record.blocks.flatMap((block) => {
      const made = [Report.element("h3", block.title)];
      if (block.lines.length) {
        made.push(list(block.lines.map((line) => Report.element("span", line))));
      }
      if (block.rows.length) made.push(...sourceRows(block.rows));
      return made;
    });
  };

  const neighbours = (key, ids) => [
    Report.element("h3", Report.data.texts[key]),
    ids.length
      ? list(ids.map(technologyButton))
      : Report.element("p", Report.data.texts["panel.none"], { class: "fine" }),
  ];

  const challenges = (record) =>
    record.challenges.length
      ? [
          Report.element("h3", Report.data.texts["panel.challenges"]),
          list(record.challenges.map((id) =>
            Report.element("a", Report.data.challenges[id] || id, { href: `#card-${id}` }))),
        ]
      : [];

  const write = (id) => {
    const record = Report.data.technologies[id];
    body.replaceChildren(
      ...head(id, record), ...explanation(record), ...facts(record),
      ...neighbours("panel.inputs", record.inputs),
      ...neighbours("panel.used_by", record.used_by), ...challenges(record),
    );
    panel.scrollTop = 0;
  };

  const open = (id, from) => {
    if (!Report.data.technologies[id]) return;
    if (panel.hidden) opener = from;
    shown = id;
    write(id);
    panel.hidden = false;
    document.body.classList.add("has-panel");
    document.getElementById("panel-close").focus({ preventScroll: true });
    document.dispatchEvent(new CustomEvent("technology", { detail: id }));
  };

  const close = () => {
    if (panel.hidden) return;
    panel.hidden = true;
    shown = null;
    document.body.classList.remove("has-panel");
    if (opener && opener.isConnected) opener.focus({ preventScroll: true });
    document.dispatchEvent(new CustomEvent("technology", { detail: null }));
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-technology]");
    if (button) open(button.dataset.technology, button);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  document.getElementById("panel-close").addEventListener("click", close);
  Report.onLanguage(() => { if (shown) write(shown); });
  return { open, close };
})();
