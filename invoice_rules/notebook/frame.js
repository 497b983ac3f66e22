// What stands around the steps of the wizard: where the user is, messages, progress, and files handed to the user.
// Nothing is ever set as HTML: names and messages hold what somebody typed.

const SAY_EVERY = 5000; // a screen reader is told of progress no more often, in milliseconds

function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function render({ model, el }) {
  el.classList.add("ir-frame");
  const steps = make("ol");
  const heading = make("h2", { class: "ir-heading", tabindex: "-1" });
  const alerts = make("ul", { class: "ir-messages", "aria-label": "What went wrong" });
  const dismiss = make("button", { type: "button", class: "ir-small" }, "Take these messages away");
  const notes = make("ul", { class: "ir-notes", "aria-label": "Worth knowing" });
  const bar = make("progress", { "aria-label": "Progress" });
  const words = make("span", { class: "ir-words" });
  const spoken = make("div", { class: "ir-spoken", role: "status" });
  const working = make("div", { class: "ir-working" }, bar, words);
  const top = make("div", { class: "ir-top" }, heading, working);
  const nav = make("nav", { class: "ir-steps", "aria-label": "Steps of the import" }, steps);
  el.append(nav, top, make("div", { role: "alert" }, alerts), dismiss, make("div", { role: "status" }, notes), spoken);

  dismiss.addEventListener("click", () => model.send({ kind: "dismiss" }));

  const drawSteps = () => {
    const at = model.get("step");
    nav.hidden = !model.get("steps").length;
    steps.replaceChildren(...model.get("steps").map((title, index) => {
      const number = index + 1;
      const open = number <= model.get("reached") && number !== at;
      const label = make(open ? "button" : "span", open ? { type: "button" } : {}, `${number}. ${title}`);
      if (open) label.addEventListener("click", () => model.send({ kind: "go", step: number }));
      const entry = make("li", number < at ? { class: "ir-past" } : {}, label);
      if (number === at) entry.setAttribute("aria-current", "step");
      return entry;
    }));
  };
  const drawHeading = () => { heading.textContent = model.get("heading"); };
  const fill = (list, lines) => list.replaceChildren(...lines.map((line) => make("li", {}, line)));
  const drawMessages = () => {
    const lines = model.get("messages");
    fill(alerts, lines);
    dismiss.hidden = !lines.length;
  };
  const drawNotes = () => fill(notes, model.get("notes"));
  let said = 0;
  const drawWork = () => {
    working.classList.toggle("ir-on", model.get("busy"));
    words.textContent = model.get("words");
    if (model.get("total")) { bar.max = model.get("total"); bar.value = model.get("done"); } else bar.removeAttribute("value");
    if (!model.get("busy")) { spoken.textContent = ""; said = 0; }
    else if (Date.now() - said > SAY_EVERY) { spoken.textContent = words.textContent; said = Date.now(); }
  };
  const moved = () => {
    drawSteps();
    drawHeading();
    heading.focus({ preventScroll: false });
  };
  const save = (message, buffers) => {
    if (message.kind !== "save" || message.taken) return;
    message.taken = true; // where the wizard is shown twice, one of its views saves the file
    const url = URL.createObjectURL(new Blob([buffers[0]], { type: message.type }));
    const link = make("a", { href: url, download: message.name });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(url), 60000);
  };
  const listeners = [
    ["change:step", moved], ["change:reached", drawSteps], ["change:steps", drawSteps], ["change:messages", drawMessages],
    ["change:notes", drawNotes], ["change:busy change:words change:done change:total", drawWork], ["msg:custom", save],
  ];
  for (const [event, act] of listeners) model.on(event, act);
  drawSteps(); drawHeading(); drawMessages(); drawNotes(); drawWork();
  // keys typed here are ours, not the notebook's shortcuts
  requestAnimationFrame(() => (el.closest(".ir-wizard") ?? el).setAttribute("data-lm-suppress-shortcuts", "true"));
  return () => { for (const [event, act] of listeners) model.off(event, act); };
}

export default { render };
