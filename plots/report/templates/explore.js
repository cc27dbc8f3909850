// The section "Look closer": any load, measure and baseline for the models that are chosen, which
// are those that all other tables show, too. Everything is embedded in the page, nothing is
// fetched. The view is in the address after "#".
"use strict";

(() => {
  const { make, headsOf, sortRows, makeSortable } = tables;
  const data = JSON.parse(document.getElementById("results").textContent);
  const form = document.getElementById("view");
  const GROUPS = [["style", "Style"], ["engine", "Engine"], ["author", "Written by"]];
  const NONE = "left to the kernel";
  const PLOT_WIDTH = 220;
  const ROW_HEIGHT = 18;

  const draw = (name, attributes) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  };
  const number = (value) =>
    value === null || value === undefined ? "–"
      : value.toLocaleString("en", { maximumSignificantDigits: 4 });
  const interval = (low, high) => (low === null ? "–" : `${number(low)} – ${number(high)}`);
  const partOf = (model, group) => model[group] ?? NONE;

  // --- the view and the address ---

  const fields = ["cell", "measure", "baseline", "name", "theme"];
  let sort = "";

  const checked = (group) => [...form.querySelectorAll(`input[name="${group}"]:checked`)];
  const boxes = (group) => [...form.querySelectorAll(`input[name="${group}"]`)];

  const addressOf = () => {
    const words = new URLSearchParams();
    for (const field of fields) {
      const chosen = form.elements[field];
      if (chosen.value !== (chosen.dataset.usual ?? "")) words.set(field, chosen.value);
    }
    for (const [group] of GROUPS)
      if (checked(group).length < boxes(group).length)
        words.set(group, checked(group).map((box) => box.value).join(","));
    if (sort) words.set("sort", sort);
    return words.toString();
  };

  const remember = () => {
    const address = addressOf();
    const target = address ? `#${address}` : location.pathname + location.search;
    if (address || location.hash.includes("=")) history.replaceState(null, "", target);
    document.getElementById("link").href = `#${address || "explore"}`;
  };

  const setField = (name, value) => {
    const field = form.elements[name];
    if (field.tagName !== "SELECT" || [...field.options].some((option) => option.value === value))
      field.value = value;
  };

  const recall = () => {
    if (!location.hash.includes("=")) return;
    const words = new URLSearchParams(location.hash.slice(1));
    for (const field of fields)
      setField(field, words.get(field) ?? form.elements[field].dataset.usual ?? "");
    for (const [group] of GROUPS) {
      const wanted = words.get(group)?.split(",");
      for (const box of boxes(group)) box.checked = !wanted || wanted.includes(box.value);
    }
    sort = words.get("sort") ?? "";
    document.getElementById("explore").scrollIntoView();
  };

  // --- what is shown ---

  const isChosen = (model) =>
    GROUPS.every(([group]) =>
      boxes(group).find((box) => box.value === partOf(model, group))?.checked ?? true) &&
    model.name.toLowerCase().includes(form.elements.name.value.trim().toLowerCase());

  // Ratios in the same rounds, with intervals, are of what a cell ranks; of anything else they are
  // ratios of means.
  const relativeTo = (cell, measure, row, base) => {
    const pairs = measure.name === cell.measure ? cell.pairs : null;
    const here = pairs ? pairs.models.indexOf(row.model.name) : -1;
    const there = pairs ? pairs.models.indexOf(base.model.name) : -1;
    if (here >= 0 && there >= 0)
      return {
        value: pairs.ratio[there][here], low: pairs.low[there][here],
        high: pairs.high[there][here], verdict: data.verdicts[pairs.verdict[there][here]],
      };
    const known = row.value !== null && base.value;
    return { value: known ? row.value / base.value : null, low: null, high: null, verdict: "" };
  };

  const rowsOf = (cell, place) =>
    data.rows.filter((row) => row[0] === cell.number).map((row) => {
      const [value, low = null, high = null] = [].concat(row[3][place]);
      return { model: data.models[row[1]], flags: row[2], value, low, high };
    }).filter((row) => row.value !== null);

  const scaleOf = (rows, relative) => {
    const ends = rows.flatMap((row) => [row.shown.value, row.shown.low, row.shown.high])
      .filter((value) => value !== null && value > 0).concat(relative ? [1] : []);
    const low = Math.log(Math.min(...ends) / 1.02);
    const high = Math.log(Math.max(...ends) * 1.02);
    return (value) => 6 + (PLOT_WIDTH - 12) * (Math.log(value) - low) / (high - low || 1);
  };

  const plotOf = (row, scale, relative) => {
    const svg = draw("svg", { width: PLOT_WIDTH, height: ROW_HEIGHT, tabindex: 0, role: "img" });
    const { value, low, high } = row.shown;
    const middle = ROW_HEIGHT / 2;
    svg.setAttribute("aria-label", row.spoken);
    const line = (x1, x2, y1, y2, look) =>
      svg.append(draw("line", { x1, x2, y1, y2, class: look }));
    if (relative) line(scale(1), scale(1), 0, ROW_HEIGHT, "one");
    if (low > 0) line(scale(low), scale(high), middle, middle, "interval");
    if (value > 0) {
      const dot = draw("circle", { cx: scale(value), cy: middle, r: 4 });
      dot.style.fill = `var(--${row.model.colour})`;
      svg.append(dot);
    }
    for (const event of ["mouseenter", "focus"])
      svg.addEventListener(event, () => showTip(svg, row.spoken));
    for (const event of ["mouseleave", "blur"]) svg.addEventListener(event, hideTip);
    return svg;
  };

  const tip = document.getElementById("tip");
  let spokenFor = null;  // what the tip stands beside
  const showTip = (beside, text) => {
    spokenFor = beside;
    tip.textContent = text;
    tip.hidden = false;
    placeTip();
  };
  const placeTip = () => {
    const place = spokenFor.getBoundingClientRect();
    tip.style.left = `${Math.max(4, Math.min(place.left, innerWidth - tip.offsetWidth - 4))}px`;
    tip.style.top = `${place.bottom + 4}px`;
  };
  const hideTip = () => { tip.hidden = true; };
  // To give something the focus may itself scroll the page: then its value moves along.
  const followScroll = () => {
    if (tip.hidden) return;
    if (spokenFor === document.activeElement) placeTip();
    else hideTip();
  };

  const speak = (row, measure, base) => {
    const { value, low, high } = row.shown;
    const what = base ? `${number(value)} times ${base.model.name}`
      : `${number(value)} ${measure.unit}`.trim();
    const bounds = low === null ? "no interval" : `95% interval ${number(low)} to ${number(high)}`;
    const flags = row.flags ? `; flags: ${row.flags}` : "";
    return `${row.model.name}: ${measure.words} ${what}, ${bounds}${flags}`;
  };

  const headings = (measure, base) => [
    "model", base ? `relative to ${base.model.name}` : measure.words,
    ...(base ? ["ratio", "95% interval", "verdict"] : []),
    `${measure.words}${measure.unit ? `, ${measure.unit}` : ""}`, "95% interval",
    "style", "engine",
  ];
  const TO_THE_LEFT = ["model", "verdict", "style", "engine"];

  const lineOf = (row, scale, base) => {
    const figure = (value, text) => make("td", { "data-value": value ?? "–" }, text);
    const name = (text) => make("td", { class: "name" }, text || "–");
    const plot = make("td", { "data-value": row.shown.value ?? "–", class: "plot" });
    if (row.shown.value !== null) plot.append(plotOf(row, scale, Boolean(base)));
    const compared = base ? [
      figure(row.shown.value, number(row.shown.value)),
      figure(row.shown.low, interval(row.shown.low, row.shown.high)),
      name(row.shown.verdict),
    ] : [];
    return make("tr", {}, make("th", { scope: "row" }, row.model.name), plot, ...compared,
      figure(row.value, number(row.value)), figure(row.low, interval(row.low, row.high)),
      name(row.model.style), name(row.model.engine));
  };

  const say = (cell, measure, base, shown, all) => {
    const ranked = measure.name === cell.measure;
    const how = !base ? "Values are means over invocations"
      : ranked ? `Ratios to ${base.model.name} are taken within the same rounds`
        : `Ratios to ${base.model.name} are of means, without an interval`;
    const missing = form.elements.baseline.value && !base
      ? `${form.elements.baseline.value} has no such value here. ` : "";
    document.getElementById("said").textContent = `${missing}${cell.name}; ${cell.ranks}. ` +
      `${shown} of ${all} models. ${how}; ${measure.lower ? "lower" : "higher"} is better.`;
  };

  const show = () => {
    const cell = data.cells.find((one) => one.key === form.elements.cell.value) ?? data.cells[0];
    const place = data.measures.findIndex((one) => one.name === form.elements.measure.value);
    const measure = data.measures[place];
    const all = rowsOf(cell, place);
    const base = all.find((row) => row.model.name === form.elements.baseline.value);
    const rows = all.filter((row) => isChosen(row.model));
    for (const row of rows) {
      row.shown = base ? relativeTo(cell, measure, row, base) : row;
      row.spoken = speak(row, measure, base);
    }
    const scale = scaleOf(rows, Boolean(base));
    const heads = headings(measure, base).map((text) =>
      make("th", TO_THE_LEFT.includes(text) ? { class: "name" } : {}, text));
    const table = make("table", {}, make("thead", {}, make("tr", {}, ...heads)),
      make("tbody", {}, ...rows.map((row) => lineOf(row, scale, base))));
    document.getElementById("viewed").replaceChildren(table);
    makeSortable(table, (column, descending) => {
      sort = `${column}${descending ? "-" : ""}`;
      remember();
    });
    if (sort) resort(table);
    say(cell, measure, base, rows.length, all.length);
    document.documentElement.dataset.theme = form.elements.theme.value;
    filterOthers();
    hideTip();
    remember();
  };

  // All other tables show the chosen models, too. There may be hundreds of them.
  const byName = new Map(data.models.map((model) => [model.name, model]));
  let filteredFor = data.models.map((model) => model.name).join();
  const filterOthers = () => {
    const chosen = data.models.filter(isChosen).map((model) => model.name).join();
    if (chosen === filteredFor) return;
    filteredFor = chosen;
    for (const head of document.querySelectorAll("section:not(#explore) th[scope=row]")) {
      const model = byName.get(head.firstChild?.textContent.trim());
      if (model) head.parentElement.hidden = !isChosen(model);
    }
  };

  const resort = (table) => {
    const [head] = headsOf(table)[parseInt(sort, 10)] ?? [];
    if (!head) return;
    const descending = sort.endsWith("-");
    head.setAttribute("aria-sort", descending ? "descending" : "ascending");
    sortRows(table, parseInt(sort, 10), descending);
  };

  // --- beginning ---

  const fill = (name, options, usual) => {
    const field = form.elements[name];
    field.append(...options.map((option) => option instanceof Node ? option
      : make("option", { value: option[0] }, option[1])));
    field.value = usual;
    field.dataset.usual = usual;
    for (const option of field.options) option.defaultSelected = option.value === usual;
  };

  const addGroups = () => {
    for (const [group, words] of GROUPS) {
      const values = [...new Set(data.models.map((model) => partOf(model, group)))];
      if (values.length < 2) continue;
      const labels = values.map((value) => {
        const box = make("input", { type: "checkbox", name: group, value, checked: "" });
        return make("label", {}, box, ` ${value}`);
      });
      const set = make("fieldset", {}, make("legend", {}, words), ...labels);
      document.getElementById("groups").append(set);
    }
  };

  const cellsByPurpose = () => {
    const groups = new Map();
    for (const cell of data.cells) {
      const [purpose] = cell.name.split(": ");
      if (!groups.has(purpose)) groups.set(purpose, make("optgroup", { label: purpose }));
      groups.get(purpose).append(make("option", { value: cell.key }, cell.name));
    }
    return [...groups.values()];
  };

  const begin = () => {
    const size = (cell) => data.rows.filter((row) => row[0] === cell.number).length;
    const fullest = data.cells.reduce((one, other) => (size(other) > size(one) ? other : one));
    fill("cell", cellsByPurpose(), fullest.key);
    fill("measure", data.measures.map((one) => [one.name, one.words]), data.measures[0].name);
    const models = data.models.map((model) => [model.name, model.name]);
    fill("baseline", [["", "nothing: the values"], ...models], data.baseline ?? "");
    addGroups();
    recall();
    form.hidden = false;
    document.getElementById("viewed").hidden = false;
    document.querySelector("#explore .noscript").hidden = true;
    form.addEventListener("input", show);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(() => { sort = ""; show(); }));
    addEventListener("hashchange", () => { recall(); show(); });
    addEventListener("scroll", followScroll, { passive: true });
    show();
  };

  if (form && data) begin();
})();
