// The columns of a file beside the fields that they may feed. A field is dragged onto a column, or chosen in the column's select;
// both say the same to the kernel. Headings, samples and titles are set as text only.

const KIND = "application/x-invoice-rules-field";

function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function render({ model, el }) {
  el.classList.add("ir-mapper");
  const status = make("p", { class: "ir-still", role: "status" });
  const body = make("tbody");
  const head = make("tr", {}, ...["Column", "First cells", "Feeds"].map((title) => make("th", { scope: "col" }, title)));
  const table = make("table", { class: "ir-table" }, make("thead", {}, head), body);
  const chips = make("ul", { class: "ir-chips" });
  const side = make("div", { class: "ir-fields" }, make("h3", { class: "ir-sub" }, "Fields"),
    make("p", { class: "ir-note" }, "* required. Drag a field onto a column, or choose it in the column's list."), chips);
  const scroll = make("div", { class: "ir-scroll", tabindex: "0", role: "region", "aria-label": "Columns of your file" }, table);
  el.append(status, make("div", { class: "ir-mapping" }, scroll, side));

  const give = (field, column) => model.send({ kind: "give", field, column });
  const starred = (field) => field.title + (field.required ? " *" : "");
  const named = (column) => `column ${column.letter}${column.heading ? `, ${column.heading}` : ""}`;

  const tag = (field, column) => {
    const off = make("button", { type: "button", class: "ir-off", "data-key": `off ${field.name}`, "aria-label": `Take ${field.title} off ${named(column)}`, title: "Take it off" }, "✕");
    off.addEventListener("click", () => give(field.name, null));
    return make("span", { class: "ir-tag" }, starred(field), off);
  };
  const select = (column, at, fields, fed) => {
    const made = make("select", { "data-key": `select ${at}`, "aria-label": `Field for ${named(column)}` });
    made.add(new Option(fed.length ? "Add another …" : "— not imported —", ""));
    for (const field of fields) {
      if (field.column === at) continue;
      made.add(new Option(starred(field) + (field.column !== null ? " (now elsewhere)" : ""), field.name));
    }
    made.addEventListener("change", () => { if (made.value) give(made.value, at); });
    return made;
  };
  const row = (column, at, fields) => {
    const fed = fields.filter((field) => field.column === at);
    const made = make("tr", fed.length ? { class: "ir-fed" } : {},
      make("th", { scope: "row" }, make("span", { class: "ir-letter" }, column.letter), " ", column.heading || "(no heading)"),
      make("td", { class: "ir-samples" }, column.samples.join(" · ")),
      make("td", {}, make("div", { class: "ir-feeds" }, ...fed.map((field) => tag(field, column)), select(column, at, fields, fed)),
        ...fed.filter((field) => field.how).map((field) => make("div", { class: field.unsure ? "ir-how ir-unsure" : "ir-how" }, field.how))));
    const ours = (event) => event.dataTransfer.types.includes(KIND);
    made.addEventListener("dragover", (event) => {
      if (!ours(event)) return;
      event.preventDefault();
      event.stopPropagation();
      made.classList.add("ir-over");
    });
    made.addEventListener("dragleave", () => made.classList.remove("ir-over"));
    made.addEventListener("drop", (event) => {
      made.classList.remove("ir-over");
      if (!ours(event)) return;
      event.preventDefault();
      event.stopPropagation();
      give(event.dataTransfer.getData(KIND), at);
    });
    return made;
  };
  const chip = (field, columns) => {
    const used = field.column !== null;
    const where = used ? `column ${columns[field.column]?.letter ?? ""}` : field.value ? `“${field.value}” for every row` : field.required ? "needs a column" : "";
    const made = make("li", { class: `ir-chip${used || field.value ? " ir-used" : field.required ? " ir-wanted" : ""}`, draggable: "true", "data-field": field.name,
      title: [field.help, field.why].filter(Boolean).join(". ") }, make("b", {}, starred(field)), make("span", {}, where));
    made.addEventListener("dragstart", (event) => {
      event.stopPropagation();
      event.dataTransfer.setData(KIND, field.name);
      event.dataTransfer.effectAllowed = "link";
    });
    return made;
  };
  const draw = () => {
    const columns = model.get("columns");
    const fields = model.get("fields");
    const key = el.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
    body.replaceChildren(...columns.map((column, at) => row(column, at, fields)));
    chips.replaceChildren(...fields.map((field) => chip(field, columns)));
    const still = fields.filter((field) => field.required && field.column === null && !field.value).map((field) => field.title);
    status.textContent = still.length ? `Still to map: ${still.join(", ")}. Give each a column here, or one value for all rows in the next step.` : "All required fields have a column or a value.";
    status.classList.toggle("ir-bad", still.length > 0);
    status.classList.toggle("ir-good", still.length === 0);
    if (key) (el.querySelector(`[data-key="${CSS.escape(key)}"]`) ?? scroll).focus();
  };
  model.on("change:columns change:fields", draw);
  draw();
  return () => model.off("change:columns change:fields", draw);
}

export default { render };
