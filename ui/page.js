/* Copying, and keeping the newest turn in sight; all else is the server's work. */
(() => {
  const say = (button, text) => {
    const before = button.dataset.label || button.textContent;
    button.dataset.label = before;
    button.textContent = text;
    button.setAttribute("aria-live", "polite");
    window.setTimeout(() => { button.textContent = before; }, 1600);
  };

  const copyBySelection = (text) => {
    const area = document.createElement("textarea");
    area.value = text;
    area.style.position = "fixed";
    area.style.opacity = "0";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  };

  const copy = async (text) => {
    // The clipboard interface exists only where the browser calls the address secure.
    if (navigator.clipboard && window.isSecureContext) {
      try { await navigator.clipboard.writeText(text); return true; } catch { /* not permitted: select instead */ }
    }
    return copyBySelection(text);
  };

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button.copy");
    if (!button) return;
    say(button, (await copy(button.dataset.copy)) ? "Copied" : "Press Ctrl-C");
  });

  let seen = "";
  const follow = () => {
    const turns = document.querySelectorAll("#log .turn");
    if (!turns.length) { seen = ""; return; }
    const last = turns[turns.length - 1];
    const state = turns.length + (last.querySelector(".pending") ? "?" : "!");
    if (state === seen) return;
    seen = state;
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    last.scrollIntoView({ behavior: calm ? "auto" : "smooth", block: "start" });
    const box = document.querySelector("#question textarea");
    if (box && window.matchMedia("(pointer: fine)").matches) box.focus({ preventScroll: true });
  };
  new MutationObserver(follow).observe(document.documentElement, { childList: true, subtree: true });
})();
