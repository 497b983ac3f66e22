// A question with its field. What is typed is never kept in the model, which a notebook may save: it goes as a message, once, and the field is emptied.

function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function render({ model, el }) {
  el.classList.add("ir-question");
  const number = Math.random().toString(36).slice(2);
  let field = null;

  const send = (kind, value) => { model.send({ kind, value, turn: model.get("turn") }); };
  const give = () => {
    const chosen = el.querySelector("input[type=radio]:checked");
    if (model.get("kind") === "choice") { if (chosen) send("choice", Number(chosen.value)); return; }
    const value = field.value;
    field.value = "";
    if (value.trim()) send("text", value); else field.focus();
  };
  const button = (words, act, main = false) => {
    const made = make("button", { type: "button", class: `ir-press${main ? " ir-main" : ""}` }, words);
    made.addEventListener("click", act);
    return made;
  };
  const input = (type, words) => {
    field = make("input", { type, id: `ir-answer-${number}`, autocomplete: "off", autocapitalize: "off", spellcheck: "false", "data-1p-ignore": "" });
    field.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); give(); } });
    return make("p", { class: "ir-answer" }, make("label", { for: field.id }, words), field);
  };
  const options = () => model.get("options").map((words, at) => {
    const radio = make("input", { type: "radio", name: `ir-option-${number}`, value: String(at), ...(at ? {} : { checked: "" }) });
    return make("label", { class: "ir-option" }, radio, words);
  });
  const link = () => {
    const address = model.get("link");
    if (!/^https?:\/\//.test(address)) return [];
    const made = make("a", { href: address, target: "_blank", rel: "noopener noreferrer", class: "ir-press ir-main" }, "Open the login page");
    return [make("p", { class: "ir-open" }, made)];
  };
  const draw = () => {
    const kind = model.get("kind"), words = model.get("words");
    field = null;
    el.hidden = !kind;
    if (!kind) { el.replaceChildren(); return; }
    const told = model.get("told") ? [make("p", { class: "ir-note" }, model.get("told"))] : [];
    const buttons = make("p", { class: "ir-press-row" }, button(kind === "link" ? "Use this address" : "Continue", give, kind !== "link"), button("Cancel", () => send("cancel")));
    const group = make("div", { class: "ir-asked" });
    if (kind === "choice") group.append(make("fieldset", {}, make("legend", {}, words), ...options()), ...told, buttons);
    else if (kind === "link") group.append(make("p", { class: "ir-lead" }, words), ...link(), ...told, input("text", "Address of the page you came back to"), buttons);
    else group.append(input(kind === "secret" ? "password" : "text", words), ...told, buttons);
    el.replaceChildren(group);
    requestAnimationFrame(() => el.querySelector("a, input")?.focus());
  };
  model.on("change:turn", draw);
  draw();
  return () => { model.off("change:turn", draw); if (field) field.value = ""; };
}

export default { render };
