// The panel at the right: why a technology has its verdict, from which rows, and what
// would change it. Everything is written as text, never as markup.
"use strict";
const Panel = (() => {
  const panel = document.getElementById("panel");
  const body = document.getElementById("panel-body");
  let opener = null;
  let shown = null;
  let explanations = { texts: [], rows: [], blocks: {}, labels: {} };

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
    const [zh, en] = [record.chain_name].flat();
    const place = Report.element("p", [zh, en || zh].map((c) => `${c} · ${id}`), { class: "fine" });
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
      if (state && state !== "stale") said.append(Report.icon(state));
      said.append(Report.element("span", value, state && state !== "stale" ? { class: "state" } : {}));
      if (interval) {
        said.append(Report.element("small", interval, {
          class: state ? `interval state-${state}` : "interval" }));
      }
      line.append(term, said);
      made.append(line);
    }
    return [Report.element("h3", Report.data.texts["panel.facts"]), made];
  };

  // Write "supplier=JPN, share=0.6" with the labels of the schema.
  const labelled = (text, labels) => text.replace(/(\w+)=/g, (whole, name) =>
    labels[name] ? `${Report.word(labels[name])}: ` : whole);

  const sourceRows = (id, places) => {
    const { rows, labels } = explanations;
    const table = document.createElement("table");
    const top = document.createElement("tr");
    for (const name of ["key", "values", "source", "as_of"]) {
      top.append(Report.element("th", Report.data.texts[`panel.source.${name}`], { scope: "col" }));
    }
    table.append(top);
    let last = null;
    for (const place of places) {
      const [name, key, values, source, date] = rows[place];
      const known = labels[name] || { "": name };
      if (name !== last) {
        const head = document.createElement("tr");
        head.append(Report.element("th", known[""], { colspan: "4", scope: "rowgroup" }));
        table.append(head);
        last = name;
      }
      const line = document.createElement("tr");
      const short = key.replace(`technology=${id}, `, "");
      for (const words of [labelled(short, known), labelled(values, known), source, date]) {
        line.append(Report.element("td", words || "—"));
      }
      table.append(line);
    }
    const box = document.createElement("details");
    const scroll = document.createElement("div");
    scroll.className = "scroll";
    scroll.tabIndex = 0;
    scroll.append(table);
    box.append(Report.element("summary", Report.say("panel.rows", { n: places.length })), scroll);
    return box;
  };

  const blockBody = (id, [, lines, rows]) => {
    const { texts } = explanations;
    const made = [];
    if (lines.length) made.push(list(lines.map((line) => Report.element("span", texts[line]))));
    if (rows.length) made.push(sourceRows(id, rows));
    return made;
  };

  // The verdict and what would change it stand open; the account of each figure is folded.
  const verdictBlock = (id) => {
    const [first] = explanations.blocks[id] || [];
    if (!first) {
      return [Report.element("p", Report.data.texts["panel.no_explanation"], { class: "fine" })];
    }
    return [Report.element("p", explanations.texts[first[0]], { class: "lead" }),
      ...blockBody(id, first)];
  };

  const accounts = (id) => (explanations.blocks[id] || []).slice(1).map((block) => {
    const box = document.createElement("details");
    box.className = "account";
    box.append(Report.element("summary", explanations.texts[block[0]]),
      ...blockBody(id, block));
    return box;
  });

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

  const writeChallenge = (id) => {
    const title = Report.element("h2", Report.data.challenges[id]);
    const intro = Report.element("p", Report.data.texts["card.explain"], { class: "fine" });
    const blocks = explanations.blocks[id] || [];
    body.replaceChildren(title, intro, ...blocks.flatMap((block) => opened(id, block)));
  };

  const opened = (id, block) =>
    [Report.element("h3", explanations.texts[block[0]]), ...blockBody(id, block)];

  const write = (id) => {
    const record = Report.data.technologies[id];
    panel.scrollTop = 0;
    if (!record) { writeChallenge(id); return; }
    body.replaceChildren(
      ...head(id, record), ...verdictBlock(id), ...facts(record), ...accounts(id),
      ...neighbours("panel.inputs", record.inputs),
      ...neighbours("panel.used_by", record.used_by), ...challenges(record),
    );
  };

  const open = (id, from) => {
    if (!Report.data.technologies[id] && !Report.data.challenges[id]) return;
    if (panel.hidden) opener = from;
    shown = id;
    write(id);
    panel.hidden = false;
    place();
    document.body.classList.add("has-panel");
    document.getElementById("panel-close").focus({ preventScroll: true });
    document.dispatchEvent(new CustomEvent("technology", { detail: id }));
  };

  // The panel begins below the head, whose strips must stay in sight.
  const place = () => {
    const { bottom } = document.getElementById("top").getBoundingClientRect();
    panel.style.top = `${Math.max(0, bottom)}px`;
  };
  window.addEventListener("scroll", place, { passive: true });
  window.addEventListener("resize", place);

  const close = () => {
    if (panel.hidden) return;
    panel.hidden = true;
    shown = null;
    document.body.classList.remove("has-panel");
    if (opener && opener.isConnected) opener.focus({ preventScroll: true });
    document.dispatchEvent(new CustomEvent("technology", { detail: null }));
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-technology], [data-challenge]");
    if (button) open(button.dataset.technology || button.dataset.challenge, button);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  document.getElementById("panel-close").addEventListener("click", close);
  Report.onLanguage(() => { if (shown) write(shown); });
  Packed.explanations.then((found) => {
    explanations = found;
    if (shown) write(shown);
  });
  return { open, close };
})();
