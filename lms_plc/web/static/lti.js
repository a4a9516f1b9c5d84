// The pages around a launch, where a script may run. Each has a link or a button that does the same without it.

const WAIT = 1500; // milliseconds: a platform that has not answered by then has no drawer for us

// LTI Platform Storage 1.0: one question to the platform's frame, to its registered origin and no other.
const ask = ({ storageFrame, storageOrigin }, question) =>
  new Promise((resolve, reject) => {
    const platform = storageFrame === "_parent" ? window.parent : window.parent.frames[storageFrame];
    const id = `plc-${Math.random().toString(36).slice(2)}`;
    const hear = ({ origin, source, data }) => {
      if (origin !== storageOrigin || source !== platform || data?.message_id !== id) return;
      if (data.subject !== `${question.subject}.response`) return;
      removeEventListener("message", hear);
      if (data.error) reject(new Error("refused"));
      else resolve(data.value);
    };
    addEventListener("message", hear);
    setTimeout(reject, WAIT, new Error("late"));
    platform.postMessage({ ...question, message_id: id }, storageOrigin);
  });

const keepInPlatform = (place) => {
  const { storageKey: key, storageValue: value, next } = place.dataset;
  // whatever the platform says: without its drawer the launch offers a window
  ask(place.dataset, { subject: "lti.put_data", key, value }).catch(() => {}).then(() => location.replace(next));
};

const goOnInFrame = (form) => {
  const { storageKey: key } = form.dataset;
  const prove = (proof) => {
    if (typeof proof !== "string" || !proof) return;
    const field = Object.assign(document.createElement("input"), { type: "hidden", name: "proof", value: proof });
    form.append(field);
    form.removeAttribute("target");
    form.submit();
  };
  ask(form.dataset, { subject: "lti.get_data", key }).then(prove, () => {});
};

const tellClosed = () => {
  // the subject is all it says, so every origin may hear it: the platform's page may be on any of its hosts
  (window.opener ?? window.parent).postMessage({ subject: "org.imsglobal.lti.close" }, "*");
};

const quietly = (improve) => (place) => {
  try {
    improve(place);
  } catch {
    // no such frame: the page stays as it was
  }
};
document.querySelectorAll("[data-storage-value]").forEach((place) => {
  try {
    keepInPlatform(place);
  } catch {
    location.replace(place.dataset.next);
  }
});
document.querySelectorAll("form[data-storage-key]").forEach(quietly(goOnInFrame));
document.querySelectorAll("[data-lti-close]").forEach((place) => {
  place.hidden = false;
  place.addEventListener("click", quietly(tellClosed));
});
document.querySelectorAll("form[data-send]").forEach((form) => form.submit());
