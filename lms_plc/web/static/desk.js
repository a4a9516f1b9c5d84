// What the desk gains where a script may run: values that are copied by a button. Without it they are selected.

const offerCopy = (field) => {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "button plain", textContent: field.dataset.copy });
  const status = Object.assign(document.createElement("span"), { className: "unseen" });
  status.setAttribute("role", "status");
  const label = field.labels[0];
  label.id ||= `${field.id}-label`;
  button.setAttribute("aria-describedby", label.id);
  field.after(button, status);
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      if (!document.execCommand("copy")) return; // selected all the same
    }
    button.textContent = status.textContent = field.dataset.copied;
    setTimeout(() => {
      button.textContent = field.dataset.copy;
      status.textContent = "";
    }, 3000);
  });
  field.addEventListener("focus", () => field.select());
};

document.querySelectorAll("[data-copy]").forEach(offerCopy);
