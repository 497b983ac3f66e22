// The rows of a checked file, a window of them at a time: the kernel keeps the rows, the page asks for those that are in view.
// Cells, headings and messages are set as text only. Arrow keys move from cell to cell, Enter or F2 edits, Delete takes an edit back.
// A cell that shows its text otherwise than it is (long, with line breaks or other signs) asks for its own text before it is edited.

const ROW = 27; // the height of a row, in pixels
const VIEW = 15; // rows in view
const AROUND = 12; // rows asked for above and below
const TALLEST = 8000000; // browsers draw nothing below some tens of millions of pixels
const MARKS = { 2: "!", 3: "?", 4: "✕" };
const KINDS = { 2: "ir-warning", 3: "ir-hold", 4: "ir-error" };

function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function render({ model, el }) {
  el.classList.add("ir-grid");
  const filter = make("select", { "aria-label": "Rows that are shown" });
  const info = make("span", { class: "ir-info", role: "status" });
  const go = make("input", { type: "number", min: "1", "aria-label": "Go to row", placeholder: "Row" });
  const goButton = make("button", { type: "button", class: "ir-small" }, "Go to row");
  const groups = make("colgroup");
  const headRow = make("tr", { "aria-rowindex": "1" });
  const above = make("tbody", { class: "ir-space", role: "presentation" });
  const body = make("tbody");
  const below = make("tbody", { class: "ir-space", role: "presentation" });
  const table = make("table", { role: "grid", "aria-label": "Rows of the file. Enter edits a cell." }, groups, make("thead", {}, headRow), above, body, below);
  const box = make("div", { class: "ir-box" }, table);
  const detail = make("div", { class: "ir-detail", role: "status" });
  const bar = make("div", { class: "ir-grid-bar" }, filter, info, go, goButton);
  el.append(bar, box, detail);

  let turn = 0, pending = 0, waiting = false, again = false, shown = [], first = 0, editing = null, late = null, began = performance.now();
  let active = { at: 0, column: 0 }, wanted = false;

  const count = () => model.get("count");
  const height = () => Math.min(count() * ROW, TALLEST);
  const room = () => Math.max(1, height() - VIEW * ROW);
  const topRow = () => Math.round(Math.min(1, box.scrollTop / room()) * Math.max(0, count() - VIEW));
  const ask = (now) => {
    pending = 0;
    again = waiting && now !== true && performance.now() - began < 2000; // one question at a time, or the kernel falls behind
    if (again) return;
    waiting = true;
    const start = Math.max(0, topRow() - AROUND);
    turn += 1;
    began = performance.now();
    model.send({ kind: "rows", turn, start, count: VIEW + 2 * AROUND });
  };
  const anew = () => ask(true);
  const later = () => { if (!pending) pending = requestAnimationFrame(ask); };
  const scrollTo = (at) => { box.scrollTop = count() > VIEW ? at / (count() - VIEW) * room() : 0; };

  const drawHead = () => {
    const columns = model.get("columns");
    const widths = [8, 30, ...columns.map((column) => column.width)];
    groups.replaceChildren(...widths.map((width) => { const col = make("col"); col.style.width = `${width}ch`; return col; }));
    table.style.width = `calc(${widths.reduce((sum, width) => sum + width, 0)}ch)`;
    table.setAttribute("aria-colcount", columns.length + 2);
    headRow.replaceChildren(...["Row", "Status"].map((title) => make("th", { scope: "col" }, title)), ...columns.map((column) => {
      const made = make("th", { scope: "col", title: column.field ? `${column.heading}: ${column.field}` : column.heading });
      made.append(make("span", { class: "ir-letter" }, column.letter), column.heading);
      return made;
    }));
  };
  const drawFilters = () => {
    const chosen = model.get("chosen");
    const offered = [...model.get("filters")];
    if (!offered.some((one) => one.key === chosen)) offered.push({ key: chosen, label: `Only: ${chosen.replace(/^rule:/, "").replace("|", ", ")}`, count: count() });
    filter.replaceChildren(...offered.map((one) => new Option(`${one.label} (${one.count.toLocaleString("en")})`, one.key)));
    filter.value = chosen;
  };
  const cell = (data, column, at) => {
    const [text, weight, says, edited] = data;
    const made = make("td", { role: "gridcell", tabindex: "-1", "aria-colindex": column + 3, "data-column": column });
    if (KINDS[weight]) {
      made.className = KINDS[weight];
      made.append(make("span", { class: "ir-mark", "aria-hidden": "true" }, MARKS[weight]));
      if (weight === 4) made.setAttribute("aria-invalid", "true");
    }
    if (edited) made.classList.add("ir-edited");
    made.append(text);
    if (says) { made.title = says; made.setAttribute("aria-description", says); } else if (text.length > 30) made.title = text;
    if (at === active.at && column === active.column) made.tabIndex = 0;
    return made;
  };
  const drawRows = () => {
    const mark = wanted || body.contains(document.activeElement);
    body.replaceChildren(...shown.map((row, index) => {
      const at = first + index;
      const status = make("td", { class: `ir-status ${KINDS[row.worst] ?? ""}`, role: "gridcell", title: row.status }, row.status);
      return make("tr", { "aria-rowindex": at + 2, "data-at": at }, make("th", { scope: "row" }, row.row.toLocaleString("en")), status,
        ...row.cells.map((data, column) => cell(data, column, at)));
    }));
    if (!body.querySelector("[tabindex='0']")) body.querySelector("td[data-column]")?.setAttribute("tabindex", "0");
    if (mark) focusActive();
  };
  const place = () => {
    box.style.height = `${(Math.min(VIEW, Math.max(count(), 1)) + 1) * ROW + 18}px`;
    const exact = height() < TALLEST;
    const over = exact ? first * ROW : Math.max(0, box.scrollTop - (topRow() - first) * ROW);
    above.style.height = `${over}px`;
    below.style.height = `${Math.max(0, height() - over - shown.length * ROW)}px`;
    above.replaceChildren(space(over));
    below.replaceChildren(space(Math.max(0, height() - over - shown.length * ROW)));
  };
  const space = (pixels) => {
    const made = make("tr", { role: "presentation", "aria-hidden": "true" }, make("td", { role: "presentation" }));
    made.firstChild.style.height = `${pixels}px`;
    made.hidden = !pixels;
    return made;
  };
  const heard = (message) => {
    if (message.kind !== "rows" || message.turn !== turn || message.version !== model.get("version")) return;
    waiting = false;
    if (again) later();
    if (editing) { late = message; return; }
    shown = message.rows;
    first = message.start;
    place();
    drawRows();
    const out = model.get("left_out");
    info.textContent = `${count().toLocaleString("en")} ${count() === 1 ? "row" : "rows"}${out ? `; ${out.toLocaleString("en")} columns that feed no field are not shown` : ""}`;
    el.dataset.milliseconds = Math.round(performance.now() - began);
    el.dataset.first = first;
  };

  const focusActive = () => {
    const target = body.querySelector(`tr[data-at="${active.at}"] td[data-column="${active.column}"]`);
    if (!target) { wanted = true; return; }
    wanted = false;
    body.querySelector("[tabindex='0']")?.setAttribute("tabindex", "-1");
    target.tabIndex = 0;
    target.focus({ preventScroll: true });
    target.scrollIntoView({ block: "nearest", inline: "nearest" });
    const under = headRow.getBoundingClientRect().bottom - target.getBoundingClientRect().top;
    if (under > 0) box.scrollTop -= under;
  };
  const move = (at, column) => {
    active = { at: Math.max(0, Math.min(count() - 1, at)), column: Math.max(0, Math.min(model.get("columns").length - 1, column)) };
    const near = topRow();
    if (active.at < near || active.at >= near + VIEW) scrollTo(Math.max(0, Math.min(active.at - Math.floor(VIEW / 2), count() - VIEW)));
    focusActive();
  };
  const found = (target) => {
    const its = target.closest?.("td[data-column]");
    return its ? { its, at: Number(its.parentNode.dataset.at), column: Number(its.dataset.column) } : null;
  };
  const tell = (its) => { detail.textContent = its.title.includes(":") || its.title.includes(".") ? its.title : ""; };

  const edit = ({ its, at, column }) => {
    const row = shown[at - first];
    if (!row || editing) return;
    const [text, , , , other] = row.cells[column];
    editing = { its, row: row.row, column, own: other ? null : text };
    open(text);
    if (other) model.send({ kind: "text", row: row.row, column });
  };
  const open = (text) => {
    const head = model.get("columns")[editing.column];
    const lines = editing.own?.match(/\r\n|\r|\n/); // an input would drop them
    const label = `${head.heading || head.letter}, row ${editing.row}: new text${lines ? "; Shift and Enter begin a line" : ""}`;
    const input = make(lines ? "textarea" : "input", { class: "ir-editor", "aria-label": label });
    input.value = text;
    input.readOnly = editing.own === null; // until its own text is here
    Object.assign(editing, { input, before: input.value, ends: lines?.[0] ?? "\n" });
    editing.its.replaceChildren(input);
    input.focus();
    input.select();
    input.scrollIntoView({ block: "nearest", inline: "nearest" });
    input.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter" && !(lines && event.shiftKey)) { event.preventDefault(); done(input, true); }
      if (event.key === "Escape") { event.preventDefault(); done(input, false); }
    });
    input.addEventListener("blur", () => done(input, true));
  };
  const done = (input, keep) => {
    if (editing?.input !== input) return;
    const { row, column, own, before, ends } = editing;
    const now = input.value;
    editing = null;
    drawRows();
    focusActive();
    if (keep && own !== null && now !== before) model.send({ kind: "edit", row, column, text: now.replaceAll("\n", ends) });
    if (late) { const message = late; late = null; heard(message); }
  };
  const handed = (message) => {
    if (message.kind !== "text" || !editing || editing.own !== null || message.row !== editing.row || message.column !== editing.column || message.text === null) return;
    editing.own = message.text;
    open(message.text);
  };
  const keys = (event) => {
    const here = found(event.target);
    if (!here || editing) return;
    const { at, column } = here;
    const last = model.get("columns").length - 1;
    const moves = {
      ArrowDown: [at + 1, column], ArrowUp: [at - 1, column], ArrowRight: [at, column + 1], ArrowLeft: [at, column - 1],
      PageDown: [at + VIEW, column], PageUp: [at - VIEW, column],
      Home: [event.ctrlKey ? 0 : at, 0], End: [event.ctrlKey ? count() - 1 : at, last],
    };
    if (moves[event.key]) move(...moves[event.key]);
    else if (event.key === "Enter" || event.key === "F2") edit(here);
    else if (event.key === "Delete") { const row = shown[at - first]; if (row?.cells[column][3]) model.send({ kind: "edit", row: row.row, column, text: null }); else return; }
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const jump = () => {
    const row = Number(go.value);
    if (!Number.isFinite(row) || row < 1) return;
    model.send({ kind: "find", row });
  };
  const jumped = (message) => { if (message.kind === "found") { active = { at: message.at, column: active.column }; wanted = true; scrollTo(Math.max(0, Math.min(message.at - 2, count() - VIEW))); anew(); } };

  body.addEventListener("keydown", keys);
  body.addEventListener("dblclick", (event) => { const here = found(event.target); if (here) edit(here); });
  body.addEventListener("focusin", (event) => { const here = found(event.target); if (here && !editing) { active = { at: here.at, column: here.column }; tell(here.its); } });
  box.addEventListener("scroll", later);
  goButton.addEventListener("click", jump);
  go.addEventListener("keydown", (event) => { if (event.key === "Enter") jump(); });
  filter.addEventListener("change", () => { active = { at: 0, column: active.column }; box.scrollTop = 0; model.set("chosen", filter.value); model.save_changes(); });
  const listeners = [["change:columns", drawHead], ["change:filters change:chosen change:count", drawFilters], ["change:version", anew], ["msg:custom", heard], ["msg:custom", jumped], ["msg:custom", handed]];
  for (const [event, act] of listeners) model.on(event, act);
  drawHead(); drawFilters(); anew();
  return () => { for (const [event, act] of listeners) model.off(event, act); };
}

export default { render };
