// Problems by rule: how many, an example, its rows, and a file of them. All words are set as text only.

function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

const KINDS = { error: "ir-bad", hold: "ir-neutral", warning: "ir-neutral" };
const WORDS = { error: "✕ error", hold: "? waits for a yes", warning: "! warning" };

function render({ model, el }) {
  el.classList.add("ir-tally");
  const head = make("tr", {}, ...["What", "Count", "Field", "For example", "Rule", "Do"].map((title) => make("th", { scope: "col" }, title)));
  const body = make("tbody");
  const scroll = make("div", { class: "ir-scroll", tabindex: "0", role: "region", "aria-label": "Problems by rule" }, make("table", { class: "ir-table" }, make("thead", {}, head), body));
  el.append(scroll);
  const button = (words, label, kind, at) => {
    const made = make("button", { type: "button", class: "ir-small", "aria-label": label }, words);
    made.addEventListener("click", () => model.send({ kind, at }));
    return made;
  };
  const draw = () => {
    const lines = model.get("lines");
    scroll.hidden = !lines.length;
    body.replaceChildren(...lines.map((line, at) => make("tr", {},
      make("td", {}, make("span", { class: `ir-weight ${KINDS[line.severity] ?? ""}` }, WORDS[line.severity] ?? line.severity)),
      make("td", { class: "ir-right" }, line.count.toLocaleString("en")), make("td", {}, line.title),
      make("td", { class: "ir-example" }, ...(line.place ? [make("b", {}, `${line.place}: `)] : []), line.example), make("td", { class: "ir-rule" }, line.rule),
      make("td", { class: "ir-acts" }, ...(line.rows ? [button("Show rows", `Show the rows: ${line.rule}, ${line.title}`, "rows", at)] : []), button("CSV", `Download as CSV: ${line.rule}, ${line.title}`, "csv", at)))));
  };
  model.on("change:lines", draw);
  draw();
  return () => model.off("change:lines", draw);
}

export default { render };
