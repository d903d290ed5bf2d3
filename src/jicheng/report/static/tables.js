// Tables: sort by a click on a head, filter, choose columns, export what is shown.
"use strict";
(() => {
  // Words of a node in the language that is shown, without the parts to drop.
  const textOf = (node, drop = "") => {
    const copy = node.cloneNode(true);
    const other = Report.language === "en" ? ".zh" : ".en";
    for (const part of copy.querySelectorAll(drop ? `${other}, ${drop}` : other)) part.remove();
    return copy.textContent.trim();
  };
  const valueOf = (cell) => textOf(cell, ".interval, .unit, .paper");
  const partOf = (cell, selector) => {
    const part = cell.querySelector(selector);
    return part ? textOf(part) : "";
  };
  const position = (head) => [...head.parentNode.children].indexOf(head);

  const compare = (column, direction) => (a, b) => {
    const [x, y] = [a.children[column], b.children[column]];
    const [u, v] = [x.dataset.value, y.dataset.value];
    if (u !== undefined && v !== undefined) return direction * (Number(u) - Number(v));
    const hasState = (cell) => cell.querySelector(".state") !== null;
    if (hasState(x) !== hasState(y)) return hasState(x) ? 1 : -1; // without a value: last
    const locale = Report.language === "en" ? "en" : "zh-Hans-CN-u-co-pinyin";
    return direction * valueOf(x).localeCompare(valueOf(y), locale, { numeric: true });
  };

  for (const button of document.querySelectorAll("th .sort")) {
    button.addEventListener("click", () => {
      const head = button.closest("th");
      const isUp = head.getAttribute("aria-sort") === "ascending";
      for (const other of head.parentNode.children) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", isUp ? "descending" : "ascending");
      const body = head.closest("table").tBodies[0];
      body.append(...[...body.rows].sort(compare(position(head), isUp ? -1 : 1)));
    });
  }

  const filter = (form, table) => {
    const wanted = form.elements.search.value.trim().toLowerCase();
    let shown = 0;
    for (const row of table.tBodies[0].rows) {
      const name = row.querySelector('[data-column="name"]').textContent;
      const fits = ["chain", "verdict", "evidence"].every((key) =>
        form.elements[key].value === "*" || row.dataset[key] === form.elements[key].value);
      row.hidden = !(fits && `${name} ${row.dataset.id}`.toLowerCase().includes(wanted));
      shown += row.hidden ? 0 : 1;
    }
    const total = table.tBodies[0].rows.length;
    form.querySelector(".shown").textContent = Report.say("filter.shown", { shown, total });
    form.parentNode.querySelector(".empty").hidden = shown > 0;
  };

  const showColumns = (form, table) => {
    for (const box of form.querySelectorAll("[name=column]")) {
      for (const cell of table.querySelectorAll(`[data-column="${CSS.escape(box.value)}"]`)) {
        cell.hidden = !box.checked;
      }
    }
  };

  for (const form of document.querySelectorAll("[data-filters]")) {
    const table = document.getElementById(form.dataset.filters);
    const update = () => { filter(form, table); showColumns(form, table); };
    form.addEventListener("input", update);
    form.addEventListener("reset", () => setTimeout(update));
    form.addEventListener("submit", (event) => event.preventDefault());
    Report.onLanguage(update);
  }

  // A cell that a spreadsheet would run as a formula gets a leading apostrophe.
  const quoted = (text) => {
    const safe = /^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/.test(text) ? `'${text}` : text;
    return `"${safe.replaceAll('"', '""')}"`;
  };
  const plainNumber = (text) => (/^\u2212?[\d,]+(\.\d+)?%?$/.test(text) ? text.replaceAll(",", "") : text);

  const written = (table) => {
    const heads = [...table.tHead.rows[0].cells];
    const rows = [...table.tBodies[0].rows].filter((row) => !row.hidden);
    const columns = heads.map((_, k) => k).filter((k) => !heads[k].hidden);
    const hasInterval = columns.map((k) => rows.some((row) => row.cells[k].querySelector(".interval")));
    const top = columns.flatMap((k, n) => {
      const unit = partOf(heads[k], ".unit");
      const name = unit ? `${valueOf(heads[k])} (${unit})` : valueOf(heads[k]);
      return hasInterval[n] ? [name, `${valueOf(heads[k])}: ${Report.say("interval")}`] : [name];
    });
    const lines = rows.map((row) => columns.flatMap((k, n) => {
      const value = plainNumber(valueOf(row.cells[k]));
      return hasInterval[n] ? [value, partOf(row.cells[k], ".interval")] : [value];
    }));
    if (Report.data.plan.sample) {
      top.push(Report.say("state.sample"));
      for (const line of lines) line.push(Report.say("state.sample"));
    }
    return [top, ...lines].map((line) => line.map(quoted).join(",")).join("\r\n");
  };

  for (const button of document.querySelectorAll("[data-export]")) {
    button.addEventListener("click", () => {
      const table = document.getElementById(button.dataset.export);
      const file = new Blob([`\ufeff${written(table)}\r\n`], { type: "text/csv;charset=utf-8" });
      const link = document.createElement("a");
      link.href = URL.createObjectURL(file);
      const mark = Report.data.plan.sample ? "-sample" : "";
      link.download = `${button.dataset.export}-${Report.data.plan.id || "plan"}${mark}.csv`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    });
  }
})();
