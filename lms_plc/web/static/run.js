// A run: up to date, notes kept.

const $ = (id) => document.getElementById(id);
const d = $("run").dataset;
let ahead = d.at - Date.now();
let shelf = {};
let wait = 5e3, timer, late;
try {
  shelf = localStorage;
} catch {}

const kept = () => Object.keys(shelf).filter((key) => key.includes(d.box)).sort();
const read = (key) => new URLSearchParams(shelf[key]);
const say = () => ($("kept").textContent = kept().map((key) => read(key).get("text")).join("\n"));

const send = async (key) => {
  const body = read(key);
  const { status } = await fetch(d.write, { method: "POST", body });
  if (status > 499) throw 0;
  if (status - 204) return;
  delete shelf[key];
  $("said").textContent = d[body.get("kind")] ?? d.sent;
  say();
};

const renew = async () => {
  const page = new DOMParser().parseFromString(await (await fetch(location)).text(), "text/html");
  late = $("f-text")?.value;
  for (const id of ["stage", "extra", "notes", late ? "order" : "write"]) $(id).replaceWith(page.getElementById(id));
  $("said").textContent = $("now").textContent;
};

const look = async () => {
  let ok;
  say();
  clearTimeout(timer);
  try {
    for (const key of kept()) if (shelf[key]) await send(key);
    const sent = Date.now();
    const { at, notes, ...news } = await (await fetch(`${d.url}?since=${d.number}`)).json();
    ahead = at - (sent + Date.now()) / 2;
    for (const id in notes) if ($(id)) $(id).innerHTML = notes[id];
    const { shown } = d;
    Object.assign(d, news);
    if (shown !== d.shown) await renew();
    ok = 1;
  } catch {}
  $("offline").hidden = ok;
  wait = !ok ? Math.min(wait * 2, 6e4) : document.hidden ? 3e4 : 5e3;
  if (d.live || kept()[0]) timer = setTimeout(look, wait);
};

$("run").onsubmit = ({ target: form }) => {
  if (!form.at || !form.text.value || !crypto.randomUUID) return;
  form.at.value = Math.round(Date.now() + ahead);
  shelf[d.box + form.at.value] = new URLSearchParams(new FormData(form));
  form.reset();
  form.id.value = crypto.randomUUID();
  form.text.value = "";
  form.took.value = 0;
  if (late) d.shown = "";
  look();
  return false;
};
ononline = document.onvisibilitychange = look;

setInterval(() => {
  const left = d.ends ? Math.floor((d.ends - Date.now() - ahead) / 1e3) : +d.left;
  const clock = $("clock");
  clock.textContent = new Date(Math.abs(left) * 1e3).toISOString().slice(11, 19).replace(/^00:/, "");
  clock.className = left < 0 ? "over" : "";
}, 500);
look();
