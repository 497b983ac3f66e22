// A place to drop a file on, or to choose one. The file goes to the kernel in pieces, each answered before the next is sent:
// a server refuses large messages without a word. A message that is not answered is sent again, for a connection may lose
// either; the kernel takes none twice. Names are set as text only.

const PATIENCE = 15000; // how long the kernel may take to answer, in milliseconds, before it is asked again
const TIMES = 8; // how often a message is sent before the upload is given up

function render({ model, el }) {
  el.classList.add("ir-upload");
  const input = document.createElement("input");
  input.type = "file";
  input.className = "ir-file";
  input.id = `ir-file-${Math.random().toString(36).slice(2)}`;
  const zone = document.createElement("label");
  zone.className = "ir-drop";
  zone.htmlFor = input.id;
  const title = document.createElement("b");
  title.textContent = "Drop a file here, or choose one";
  const hint = document.createElement("small");
  zone.append(title, hint);
  const bar = document.createElement("progress");
  bar.setAttribute("aria-label", "Upload");
  bar.hidden = true;
  const status = document.createElement("div");
  status.setAttribute("role", "status");
  status.className = "ir-upload-status";
  el.append(input, zone, bar, status);

  const waiting = new Map();
  const heard = (message) => { waiting.get(`${message.turn} ${message.number}`)?.(message); };
  const replyTo = (message, buffers) => new Promise((resolve) => {
    const late = setTimeout(resolve, PATIENCE);
    waiting.set(`${message.turn} ${message.number}`, (reply) => { clearTimeout(late); resolve(reply); });
    model.send(message, undefined, buffers);
  });
  const answered = async (message, buffer) => {
    let reply;
    for (let time = 0; !reply && time < TIMES; time++) reply = await replyTo(message, buffer && [buffer.slice()]);
    waiting.delete(`${message.turn} ${message.number}`);
    if (!reply) throw new Error("The kernel does not answer. Run the notebook again, then choose the file again.");
    if (reply.kind === "refused") throw new Error(reply.says);
  };
  const megabytes = (bytes) => (bytes / 1048576).toLocaleString("en", { maximumFractionDigits: 1 });
  const sized = (bytes) => (bytes < 104858 ? `${Math.ceil(bytes / 1024)} KB` : `${megabytes(bytes)} MB`);
  const tell = (says, wrong = false) => {
    status.textContent = says;
    status.classList.toggle("ir-wrong", wrong);
  };
  const tooLarge = (file) => {
    const limits = model.get("limits");
    const dot = file.name.lastIndexOf(".");
    const limit = limits[dot < 0 ? "" : file.name.slice(dot).toLowerCase()] ?? limits[""];
    return limit !== undefined && file.size > limit
      ? `${file.name} has ${megabytes(file.size)} MB. These rules take files up to ${megabytes(limit)} MB. Split the file, or ask for a smaller one.` : "";
  };
  const send = async (file) => {
    const refused = tooLarge(file);
    if (refused) { tell(refused, true); return; }
    const turn = Math.random().toString(36).slice(2);
    const size = model.get("chunk");
    let number = 0;
    const say = (message, buffer) => answered({ ...message, turn, number: number++ }, buffer);
    input.disabled = true;
    bar.hidden = false;
    bar.max = file.size || 1;
    bar.value = 0;
    tell(`Uploading ${file.name} …`);
    try {
      await say({ kind: "start", name: file.name, size: file.size });
      for (let at = 0; at < file.size; at += size) {
        await say({ kind: "piece", at }, new Uint8Array(await file.slice(at, at + size).arrayBuffer()));
        bar.value = Math.min(file.size, at + size);
      }
      await say({ kind: "end" });
      tell(`${file.name} is here (${sized(file.size)}).`);
    } catch (error) {
      tell(error.message, true);
    } finally {
      input.disabled = false;
      bar.hidden = true;
    }
  };
  const drop = (event) => {
    event.preventDefault();
    event.stopPropagation();
    zone.classList.remove("ir-over");
    const files = event.dataTransfer.files;
    if (input.disabled || !files.length) return;
    if (files.length > 1) tell(`${files.length} files were dropped. Drop one at a time.`, true); else send(files[0]);
  };
  const over = (event) => {
    event.preventDefault();
    event.stopPropagation();
    zone.classList.add("ir-over");
  };
  input.addEventListener("change", () => {
    const file = input.files[0];
    if (!file) return;
    send(file);
    input.value = ""; // the same file may be chosen once more
  });
  zone.addEventListener("dragenter", over);
  zone.addEventListener("dragover", over);
  zone.addEventListener("dragleave", () => zone.classList.remove("ir-over"));
  zone.addEventListener("drop", drop);
  const drawHint = () => {
    hint.textContent = model.get("hint");
    if (status.classList.contains("ir-wrong")) tell("");
  };
  drawHint();
  model.on("change:hint", drawHint);
  model.on("msg:custom", heard);
  return () => { model.off("change:hint", drawHint); model.off("msg:custom", heard); };
}

export default { render };
