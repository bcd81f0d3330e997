// The browser's side of the experiment: draws one screen, sends what the person did. It never has the true category.

const KEYS = "ABCDEFGHIJKLMN"; // of the 14 categories, in their order
const COMMANDS = { S: "skip", U: "undo", P: "pause" };
const TIMEOUT = 5000; // ms after which a kernel without an answer is considered dead

/** An element; attributes as an object, children as nodes or text (never as HTML). */
function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

function render({ model, el }) {
  const root = h("section", { class: "ytcat-experiment", "aria-label": "Labelling experiment", tabindex: "-1" });
  // Keeps the keys from JupyterLab's own shortcuts (A inserts a cell).
  root.setAttribute("data-lm-suppress-shortcuts", "true");
  const content = h("div");
  const notice = h("p", { class: "ytcat-notice", role: "alert" });
  const spoken = h("p", { class: "ytcat-spoken", role: "status" }); // for screen readers, which need a lasting element
  root.append(content, notice, spoken);
  el.append(root);

  let shownAt = null; // when the video became visible; null while it is hidden or an answer is being sent
  let waiting = null; // the timer of an answer being sent
  let address = null; // URL of the thumbnail's blob

  function send(message) {
    if (waiting) return; // a double click is one answer
    root.classList.add("ytcat-waiting");
    waiting = setTimeout(silent, TIMEOUT);
    try {
      model.send(message);
    } catch {
      silent();
    }
  }

  function silent() {
    const { done } = model.get("screen");
    const kept = done ? `The answers up to trial ${done} are on disk. ` : "";
    notice.textContent = model.get("alone")
      ? `The page gets no answer, so this was not recorded. ${kept}Reload the page and give the same code: it continues there.`
      : `The kernel does not answer, so this was not recorded. ${kept}Run the notebook again from the top: it continues there.`;
  }

  function give(message) {
    if (shownAt === null) return;
    const { trial } = model.get("screen");
    send({ ...message, number: trial, response_ms: Math.round(performance.now() - shownAt) });
  }

  const answer = (id) => give({ do: "answer", category_id: id });
  const act = { skip: () => give({ do: "skip" }), undo: () => send({ do: "undo" }), pause: () => send({ do: "pause" }) };

  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.tagName === "INPUT") return;
    const { kind, done } = model.get("screen");
    const key = event.key.toUpperCase();
    const category = key.length === 1 ? KEYS.indexOf(key) : -1;
    const command = COMMANDS[key];
    const known = (category >= 0 || command) && (kind === "trial" || (command === "undo" && kind !== "welcome"));
    if (!known) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.repeat) return; // a key held down is one answer
    if (category >= 0) answer(model.get("categories")[category][0]);
    else if (command !== "undo" || (done && kind !== "results")) act[command]();
  });

  function button(label, key, onclick, attributes = {}) {
    const hint = key ? h("kbd", { "aria-hidden": "true" }, key) : null;
    const keys = key ? { "aria-keyshortcuts": key } : {};
    return h("button", { type: "button", onclick, ...keys, ...attributes }, hint, h("span", {}, label));
  }

  function commands(screen, ...others) {
    const undo = button("Undo the last", "U", act.undo, { class: "ytcat-undo", disabled: !screen.done });
    return h("div", { class: "ytcat-commands" }, ...others, undo);
  }

  const screens = {
    welcome(screen) {
      const start = () => send({ do: "start", participant: code.value.trim() });
      // Not a form: JupyterLab keeps Enter from submitting one.
      const code = h("input", { autocomplete: "off", autocapitalize: "none", spellcheck: "false", maxlength: "20", placeholder: "p07",
                                onkeydown: (event) => event.key === "Enter" && start() });
      const what = screen.views.map((label) => label.toLowerCase()).join("; ");
      return [
        h("h3", {}, "Which category is this video in?"),
        h("p", {}, `You see up to ${screen.length} videos, one after the other, each in one view: ${what}. ` +
          "Choose one of 14 categories by mouse, by touch, or with the key beside it. Answer as well as you can without " +
          `long thought; skip only if you know the video. After every ${screen.block} there is a break. The true categories are not shown before the end.`),
        h("div", { class: "ytcat-commands" },
          h("label", {}, "Your participant code, not your name, with at least one digit: ", code),
          button("Begin or continue", "", start, { class: "ytcat-main" })),
      ];
    },

    trial(screen) {
      const progress = `Trial ${screen.trial} of ${screen.total} · ${screen.view}` +
        (screen.skipped ? ` · ${screen.skipped} skipped` : "");
      const picture = h("div", { class: "ytcat-picture" });
      if (screen.thumbnail) picture.append(thumbnail(screen.thumbnail));
      const title = screen.title === null ? null : h("p", { class: "ytcat-title", dir: "auto" }, screen.title);
      const answers = model.get("categories").map(([id, name], place) =>
        button(name, KEYS[place], () => answer(id), { "data-category": id }));
      return [
        h("div", { class: "ytcat-progress" },
          h("span", { class: "ytcat-status" }, progress),
          h("progress", { max: screen.total, value: screen.done, "aria-label": "Trials done" })),
        h("div", { class: "ytcat-trial" },
          h("div", { class: `ytcat-stimulus${screen.thumbnail ? "" : " ytcat-only-title"}` }, screen.thumbnail ? picture : null, title),
          h("div", { class: "ytcat-answers", role: "group", "aria-label": "Categories" }, ...answers)),
        commands(screen, button("Skip", "S", act.skip, { class: "ytcat-skip" }),
          button("Pause", "P", act.pause, { class: "ytcat-pause" })),
      ];
    },

    break(screen) {
      return [
        h("h3", {}, "A break"),
        h("p", { class: "ytcat-status" }, `${screen.done} of ${screen.total} trials are done, and on disk. You may close this page: ` +
          `with the code ${screen.participant} it continues where you stopped.`),
        commands(screen, button("Continue", "", () => send({ do: "resume" }), { class: "ytcat-main ytcat-resume" }), ending()),
      ];
    },

    end(screen) {
      return [
        h("h3", {}, "That was the last video"),
        h("p", { class: "ytcat-status" }, `${screen.done} of ${screen.total} trials are done, and on disk.`),
        commands(screen, ending("ytcat-main ")),
      ];
    },

    results(screen) {
      const modelled = screen.results.some((row) => row.model);
      const names = ["", "You", "95% interval", ...(modelled ? ["The model, same videos"] : []), "People on the slides"];
      const line = (row) => h("tr", {}, h("th", { scope: "row" }, row.view),
        ...[`${row.n_correct} of ${row.n}`, row.interval, ...(modelled ? [row.model] : []), row.slides].map((cell) => h("td", {}, cell)));
      return [
        h("h3", {}, "Your results"),
        h("table", {}, h("thead", {}, h("tr", {}, ...names.map((name) => h("th", { scope: "col" }, name)))),
          h("tbody", {}, ...screen.results.map(line))),
        h("p", { class: "ytcat-status" }, `${screen.done} trials are done, ${screen.skipped} of them skipped. ` +
          (model.get("alone") ? "You may close this page. " : "Run the cells below to see them analysed. ") +
          "This code is finished; thank you."),
      ];
    },
  };

  function ending(kind = "") {
    return button("End for good and see my results", "", () => send({ do: "finish" }), { class: `${kind}ytcat-finish` });
  }

  function thumbnail(bytes) {
    address = URL.createObjectURL(new Blob([bytes], { type: "image/jpeg" }));
    return h("img", { src: address, alt: "The video's thumbnail", draggable: "false" });
  }

  async function draw() {
    const screen = model.get("screen");
    const focused = root.contains(document.activeElement);
    clearTimeout(waiting);
    waiting = null;
    shownAt = null;
    if (address) URL.revokeObjectURL(address);
    address = null;
    root.classList.remove("ytcat-waiting");
    root.dataset.kind = screen.kind;
    content.replaceChildren(...screens[screen.kind](screen));
    notice.textContent = screen.notice;
    spoken.textContent = root.querySelector(".ytcat-status")?.textContent ?? "";
    if (focused) (root.querySelector("input") ?? root).focus({ preventScroll: true });
    if (screen.kind !== "trial") return;
    await root.querySelector("img")?.decode().catch(() => {});
    requestAnimationFrame(() => {
      if (model.get("screen").turn === screen.turn) shownAt = performance.now();
      root.dataset.shown = screen.trial;
    });
  }

  model.on("change:screen", draw);
  draw();
  return () => {
    model.off("change:screen", draw);
    clearTimeout(waiting);
    if (address) URL.revokeObjectURL(address);
  };
}

export default { render };
