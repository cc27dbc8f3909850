// Tables that sort: each head that stands over one column becomes a button.
"use strict";

const tables = (() => {
  const make = (name, attributes = {}, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };

  const MAGNITUDES = { ns: 1e-3, "µs": 1, ms: 1e3, s: 1e6, KiB: 1, MiB: 1024 };

  // What a cell is sorted by: its number in one unit, if it begins with one, else its text.
  const valueOf = (cell) => {
    const text = (cell?.dataset.value ?? cell?.firstChild?.textContent ?? "").trim();
    const found = /^[<≤±]?\s*(−?-?[\d,]*\.?\d+)\s*(ns|µs|ms|s|KiB|MiB)?/.exec(text);
    if (!found) return text === "–" || text === "" ? null : text.toLowerCase();
    return Number(found[1].replaceAll(",", "").replace("−", "-")) * (MAGNITUDES[found[2]] ?? 1);
  };

  const compare = (one, other) => {
    if (one === null || other === null) return (one === null) - (other === null);
    if (typeof one === typeof other) return one < other ? -1 : Number(one > other);
    return typeof one === "number" ? -1 : 1;
  };

  // Unknown values stay last, whichever way it goes.
  const sortRows = (table, column, descending) => {
    const body = table.tBodies[0];
    const keyed = [...body.rows].map((row) => [valueOf(row.cells[column]), row]);
    keyed.sort(([one], [other]) => {
      const order = compare(one, other);
      return descending && one !== null && other !== null ? -order : order;
    });
    body.append(...keyed.map(([, row]) => row));
  };

  // The heads of a table that stand over one column each, with the number of that column.
  const headsOf = (table) => {
    const taken = [];
    const heads = [];
    [...table.tHead.rows].forEach((row, line) => {
      let column = 0;
      for (const head of row.cells) {
        while (taken[line]?.[column]) column += 1;
        for (let below = line; below < line + head.rowSpan; below += 1)
          for (let beside = 0; beside < head.colSpan; beside += 1)
            (taken[below] ??= [])[column + beside] = true;
        if (head.colSpan === 1) heads.push([head, column]);
        column += head.colSpan;
      }
    });
    return heads;
  };

  const makeSortable = (table, sorted = () => {}) => {
    for (const [head, column] of headsOf(table)) {
      const button = make("button", { type: "button", class: "sort" }, ...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const descending = head.getAttribute("aria-sort") === "ascending";
        for (const [other] of headsOf(table)) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", descending ? "descending" : "ascending");
        sortRows(table, column, descending);
        sorted(column, descending);
      });
    }
  };

  return { make, headsOf, sortRows, makeSortable };
})();

for (const table of document.querySelectorAll("table")) tables.makeSortable(table);
