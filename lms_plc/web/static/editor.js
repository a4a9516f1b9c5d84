// Writing: buttons for what Markdown can do, a look at the result, and photos made smaller before they travel.

const put = (area, start, end, text, from, to) => {
  area.focus();
  area.setSelectionRange(start, end);
  // the old way, because it alone leaves the browser's undo as it was
  if (!document.execCommand("insertText", false, text)) {
    area.setRangeText(text, start, end);
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
  area.setSelectionRange(from, to);
};

const around = (area, mark) => {
  const { selectionStart, selectionEnd, value } = area;
  const many = mark.length;
  const chosen = value.slice(selectionStart, selectionEnd);
  const text = chosen.trim();
  const start = selectionStart + chosen.indexOf(text);
  const end = start + text.length;
  const before = value.slice(0, start).match(/\**$/)[0].length;
  const after = value.slice(end).match(/^\**/)[0].length;
  const stars = Math.min(before, after);
  // one star is slanted, two are bold, three both
  const has = many === 1 ? stars % 2 === 1 : stars >= 2;
  if (has) put(area, start - many, end + many, text, start - many, end - many);
  else put(area, start, end, mark + text + mark, start + many, end + many);
};

const before = (area, mark) => {
  const { selectionStart, selectionEnd, value } = area;
  const start = value.lastIndexOf("\n", selectionStart - 1) + 1;
  const stop = value.indexOf("\n", selectionEnd);
  const end = stop < 0 ? value.length : stop;
  const lines = value.slice(start, end).split("\n");
  const has = lines.every((line) => line.startsWith(mark));
  const text = lines.map((line) => (has ? line.slice(mark.length) : mark + line)).join("\n");
  // a list or a quotation needs an empty line above it
  const gap = has || start === 0 || value.slice(0, start).endsWith("\n\n") ? "" : "\n";
  const to = start + gap.length + text.length;
  put(area, start, end, gap + text, lines.length > 1 ? start + gap.length : to, to);
};

const link = (area, words) => {
  const { selectionStart: start, selectionEnd: end, value } = area;
  const chosen = value.slice(start, end);
  const isAddress = /^https?:\/\/\S+$/.test(chosen);
  const text = isAddress || !chosen ? words : chosen;
  const address = isAddress ? chosen : "https://";
  const at = isAddress || !chosen ? start + 1 : start + text.length + 3;
  put(area, start, end, `[${text}](${address})`, at, at + (isAddress || !chosen ? text : address).length);
};

const offerTools = (tools) => {
  const area = document.getElementById(tools.dataset.tools);
  const preview = document.getElementById(`${area.id}-preview`);
  const look = tools.querySelector("[data-look]");
  const marks = [...tools.querySelectorAll("[data-mark]")];
  const does = {
    bold: () => around(area, "**"),
    italic: () => around(area, "*"),
    list: () => before(area, "- "),
    quote: () => before(area, "> "),
    link: (button) => link(area, button.dataset.linkText),
  };
  for (const button of marks) button.addEventListener("click", () => does[button.dataset.mark](button));
  area.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    const mark = { b: "bold", i: "italic" }[event.key.toLowerCase()];
    if (!mark) return;
    event.preventDefault();
    does[mark]();
  });

  const show = (looking) => {
    area.hidden = looking;
    preview.hidden = !looking;
    look.textContent = looking ? look.dataset.back : look.dataset.look;
    for (const button of marks) button.disabled = looking;
  };
  look.addEventListener("click", async () => {
    if (area.hidden) {
      show(false);
      area.focus();
      return;
    }
    const body = new URLSearchParams({ csrf_token: area.form.elements.csrf_token.value, text: area.value });
    try {
      const answer = await fetch(tools.dataset.previewUrl, { method: "POST", body });
      if (!answer.ok || answer.redirected) throw new Error();
      preview.innerHTML = await answer.text();
      show(true);
    } catch {
      preview.textContent = look.dataset.noAnswer;
      preview.hidden = false;
    }
  });
  // an empty field that is out of sight cannot say so
  area.addEventListener("invalid", () => show(false));
  area.form.addEventListener("reset", () => show(false));
  document.querySelector(`[data-preview-of="${CSS.escape(area.id)}"]`)?.remove();
  tools.hidden = false;
};

// --- photos -----------------------------------------------------------------------------------------

const MEGA = 1024 * 1024;
const LARGE = 1.5 * MEGA;
const LONGER_SIDE = 2048;

const smaller = async (file) => {
  if (file.type !== "image/jpeg" || file.size <= LARGE) return file;
  try {
    const image = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGER_SIDE / Math.max(image.width, image.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(image.width * scale);
    canvas.height = Math.round(image.height * scale);
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    image.close();
    const made = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.82));
    return made && made.size < file.size ? new File([made], file.name, { type: made.type }) : file;
  } catch {
    return file; // an old phone sends it as it is
  }
};

const lookAtFiles = (input) => {
  const status = document.querySelector(`[data-files-of="${CSS.escape(input.id)}"]`);
  const { each, tooLarge } = input.dataset;
  let turn = 0;
  input.addEventListener("change", async () => {
    const mine = ++turn;
    const chosen = [...input.files];
    input.setCustomValidity("");
    status.textContent = chosen.some((file) => file.type === "image/jpeg" && file.size > LARGE) ? status.dataset.smaller : "";
    const made = [];
    for (const file of chosen) made.push(await smaller(file));
    if (mine !== turn) return;
    if (made.some((file, place) => file !== chosen[place])) {
      try {
        const carrier = new DataTransfer();
        for (const file of made) carrier.items.add(file);
        input.files = carrier.files;
      } catch {
        // the browser keeps its own list
      }
    }
    const heavy = [...input.files].find((file) => file.size > each * MEGA);
    const words = heavy ? tooLarge.replace("{name}", heavy.name) : "";
    input.setCustomValidity(words);
    status.textContent = words;
  });
};

const quietly = (improve, element) => {
  try {
    improve(element);
  } catch {
    // an old browser may lack a part: the form stays as it was
  }
};
for (const tools of document.querySelectorAll("[data-tools]")) quietly(offerTools, tools);
for (const input of document.querySelectorAll("input[type=file][data-each]")) quietly(lookAtFiles, input);
