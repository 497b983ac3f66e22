// A table whose rows can be acted on: buttons, a choice and a tick each. All words are set as text only.

function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function render({ model, el }) {
  el.classList.add("ir-actions");
  const head = make("tr");
  const body = make("tbody");
  const table = make("table", { class: "ir-table" }, make("thead", {}, head), body);
  const scroll = make("div", { class: "ir-scroll", tabindex: "0", role: "region" }, table);
  el.append(scroll);
  const send = (kind, id, value) => model.send({ kind, id, value });

  const side = (at) => [...(model.get("right").includes(at) ? ["ir-right"] : []), ...(model.get("whole").includes(at) ? ["ir-whole"] : [])].join(" ");
  const seen = (_, at) => !model.get("hidden").includes(at);
  const cell = (text, line, at) => {
    const kind = line.tints[at];
    return kind ? make("span", { class: `ir-weight ir-${kind}` }, text) : text;
  };
  const choice = (line) => {
    const made = make("select", { "aria-label": `${model.get("choose")}: ${line.cells[0]}` }, ...line.choices.map(([key, words]) => make("option", { value: key }, words)));
    made.value = line.choice;
    made.addEventListener("change", () => send("choose", line.id, made.value));
    return made;
  };
  const tick = (line) => {
    const made = make("input", { type: "checkbox", "aria-label": `${model.get("ticks")}: ${line.cells[0]}` });
    made.checked = line.tick;
    made.addEventListener("change", () => send("tick", line.id, made.checked));
    return made;
  };
  const button = (line, act, words) => {
    const made = make("button", { type: "button", class: "ir-small", "aria-label": `${words}: ${line.cells[0]}` }, words);
    made.addEventListener("click", () => send("act", line.id, act));
    return made;
  };
  const row = (line, has) => {
    const cells = line.cells.map((text, at) => make("td", { class: side(at) }, cell(text, line, at))).filter(seen);
    if (has.choices) cells.push(make("td", {}, ...(line.choices.length ? [choice(line)] : [])));
    if (has.ticks) cells.push(make("td", { class: "ir-middle" }, ...(line.tick === null ? [] : [tick(line)])));
    if (has.acts) cells.push(make("td", { class: "ir-acts" }, ...line.acts.map(([act, words]) => button(line, act, words))));
    return make("tr", {}, ...cells);
  };
  const draw = () => {
    const lines = model.get("lines");
    const focused = el.contains(document.activeElement) ? document.activeElement.getAttribute("aria-label") : null;
    const has = { choices: lines.some((line) => line.choices.length), ticks: lines.some((line) => line.tick !== null), acts: lines.some((line) => line.acts.length) };
    const titles = [...model.get("headings"), ...(has.choices ? [model.get("choose")] : []), ...(has.ticks ? [model.get("ticks")] : []), ...(has.acts ? ["Do"] : [])];
    head.replaceChildren(...titles.map((title, at) => make("th", { scope: "col", class: side(at) }, title)).filter(seen));
    body.replaceChildren(...lines.map((line) => row(line, has)));
    scroll.setAttribute("aria-label", model.get("title"));
    scroll.hidden = !lines.length;
    if (focused) [...el.querySelectorAll("[aria-label]")].find((one) => one.getAttribute("aria-label") === focused)?.focus();
  };
  model.on("change:lines change:title change:headings change:hidden", draw);
  draw();
  return () => model.off("change:lines change:title change:headings change:hidden", draw);
}

export default { render };
