// What the pages gain where a script may run. Every page works without it.

const quietly = (improve) => {
  try {
    improve();
  } catch {
    // storage may be forbidden in a frame, and an old browser may lack a part: the page stays as it was
  }
};
const meta = (name) => document.querySelector(`meta[name="plc-${name}"]`)?.content;
const framed = window.parent !== window;

// --- the frame: tell the LMS how tall the page is -------------------------------------------------

const tellHeight = () => {
  document.documentElement.dataset.framed = framed ? "yes" : "no";
  const told = meta("frame-origin");
  if (!framed || !told) return;
  const origin = new URL(told).origin;
  let height = 0;
  let waiting = false;
  const tell = () => {
    waiting = false;
    const now = Math.ceil(document.body.getBoundingClientRect().height);
    if (Math.abs(now - height) < 2) return;
    height = now;
    const message = { subject: "lti.frameResize", height, message_id: `plc-height-${Date.now()}` };
    window.parent.postMessage(message, origin);
  };
  new ResizeObserver(() => {
    if (waiting) return;
    waiting = true;
    setTimeout(tell, 100);
  }).observe(document.body);
};

// --- drafts: nothing that was typed is lost -------------------------------------------------------

const SHELF = "plc-draft:";
const KEPT_FOR = 30 * 24 * 3600 * 1000;
const PAUSE = 2000;

const read = (key) => {
  try {
    return JSON.parse(localStorage.getItem(SHELF + key));
  } catch {
    return null;
  }
};
const write = (key, draft) => {
  try {
    localStorage.setItem(SHELF + key, JSON.stringify(draft));
    return true;
  } catch {
    return false;
  }
};

const clearShelf = () => {
  document.querySelectorAll('meta[name="plc-draft-done"]').forEach((done) => localStorage.removeItem(SHELF + done.content));
  for (const name of Object.keys(localStorage)) {
    if (!name.startsWith(SHELF)) continue;
    const draft = read(name.slice(SHELF.length));
    if (!(draft?.at > Date.now() - KEPT_FOR)) localStorage.removeItem(name);
  }
};

const isNewer = (draft, area) => {
  const shownAt = Date.parse(area.dataset.draftAt ?? "") || 0;
  if (!draft?.text || draft.text === area.value || draft.at <= shownAt) return false;
  // a field that still holds what the typing began with, or an older draft than the one never sent
  return area.value === "" || area.value === draft.base || (shownAt > 0 && !draft.saved);
};

const keepDraft = (area) => {
  const { draftKey: key, draftUrl: url } = area.dataset;
  const status = document.querySelector(`[data-draft-of="${CSS.escape(area.id)}"]`);
  const base = area.defaultValue;
  let timer = 0;
  let sending = null;

  const say = (word) => {
    const text = status?.dataset[word];
    if (text && status.textContent !== text) status.textContent = text;
  };

  const send = async () => {
    clearTimeout(timer);
    timer = 0;
    if (!url || area.form?.dataset.busy) return;
    const text = area.value;
    const body = new URLSearchParams(area.form ? new FormData(area.form) : "");
    body.delete(area.name);
    body.set("key", key);
    body.set("text", text);
    sending?.abort();
    sending = new AbortController();
    try {
      const answer = await fetch(url, {
        method: "POST",
        body,
        signal: sending.signal,
        keepalive: text.length < 15000,
      });
      if (!answer.ok || answer.redirected || area.value !== text) return;
      write(key, { text, base, at: Date.now(), saved: true });
      say("saved");
    } catch {
      // offline, or overtaken by newer text: it stays on the device and is sent with the next change
    }
  };

  const stored = read(key);
  if (isNewer(stored, area)) {
    area.value = stored.text;
    area.dispatchEvent(new Event("input"));
    say("restored");
    if (!stored.saved) timer = setTimeout(send, PAUSE);
  }
  area.addEventListener("input", () => {
    if (write(key, { text: area.value, base, at: Date.now(), saved: false })) say("here");
    clearTimeout(timer);
    timer = setTimeout(send, PAUSE);
  });
  area.form?.addEventListener("submit", () => {
    // a draft arriving after the post would come back from the dead
    clearTimeout(timer);
    timer = 0;
    sending?.abort();
  });
  // typed before this script had come
  if (area.value !== base && area.value !== stored?.text) area.dispatchEvent(new Event("input"));
  addEventListener("online", () => read(key)?.saved === false && send());
  document.addEventListener("visibilitychange", () => document.hidden && timer && send());
};

// --- writing: the field grows, Ctrl+Enter sends ---------------------------------------------------

const grow = (area) => {
  if (CSS.supports("field-sizing", "content")) return;
  const fit = () => {
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight + area.offsetHeight - area.clientHeight}px`;
  };
  area.addEventListener("input", fit);
  if (area.value) fit();
};

const sendByKeys = (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
  if (event.target.matches?.("textarea")) event.target.form?.requestSubmit();
};

// --- one press, one post --------------------------------------------------------------------------

const BUSY_FOR = 8000;

const setBusy = (form, busy) => {
  if (busy) form.dataset.busy = "yes";
  else delete form.dataset.busy;
  for (const button of form.querySelectorAll("button:not([type=button])")) {
    // not `disabled`: a disabled button would not send its value
    if (busy) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  }
};

const guard = (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.busy) {
    event.preventDefault();
    return;
  }
  setBusy(form, true);
  // a download answers without leaving the page
  setTimeout(() => setBusy(form, false), BUSY_FOR);
};

// --- how long a form takes

const count = () => {
  let form, touched;
  document.addEventListener("input", ({ target }) => ([form, touched] = [target.form, Date.now()]));
  setInterval(() => document.hidden || Date.now() - touched > 3e4 || !form?.took || form.took.value++, 1e3);
};

quietly(tellHeight);
quietly(clearShelf);
for (const area of document.querySelectorAll("textarea")) {
  quietly(() => grow(area));
  if (area.dataset.draftKey) quietly(() => keepDraft(area));
}
document.querySelectorAll("[data-counts]").forEach((form) => (form.took.value = 0));
count();
document.addEventListener("keydown", sendByKeys);
document.addEventListener("submit", guard);
addEventListener("pageshow", () => document.querySelectorAll("form[data-busy]").forEach((form) => setBusy(form, false)));
quietly(() => document.querySelector("[data-focus]")?.focus());
quietly(() => document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" }));
