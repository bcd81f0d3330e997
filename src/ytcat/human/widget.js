// The browser's side of the experiment: draws one view, sends what the person did. It knows no truths.

const KEYS = "ABCDEFGHIJKLMN"; // of the 14 categories, in their order
const COMMANDS = { S: "skip", U: "undo", P: "pause" };
const PATIENCE = 5000; // ms until a silent kernel is taken for a dead one

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
  // JupyterLab's own shortcuts (A inserts a cell) must not hear the keys.
  root.setAttribute("data-lm-suppress-shortcuts", "true");
  const content = h("div");
  const notice = h("p", { class: "ytcat-notice", role: "alert" });
  const said = h("p", { class: "ytcat-said", role: "status" }); // for screen readers, which want it to stay in place
  root.append(content, notice, said);
  el.append(root);

  let shownAt = null; // when the video came into view; null while it is not, or while an answer is on its way
  let waiting = null; // the timer of an answer on its way
  let address = null; // of the thumbnail's blob

  function send(message) {
    if (waiting) return; // one at a time: a double click is one answer
    root.classList.add("ytcat-waiting");
    waiting = setTimeout(silent, PATIENCE);
    try {
      model.send(message);
    } catch {
      silent();
    }
  }

  function silent() {
    const { done } = model.get("view");
    const kept = done ? `The answers up to trial ${done} are on disk. ` : "";
    notice.textContent =
      `The kernel does not answer, so this was not recorded. ${kept}Run the notebook again from the top: it goes on there.`;
  }

  function give(message) {
    if (shownAt === null) return;
    const { trial } = model.get("view");
    send({ ...message, number: trial, response_ms: Math.round(performance.now() - shownAt) });
  }

  const answer = (id) => give({ do: "answer", category_id: id });
  const act = { skip: () => give({ do: "skip" }), undo: () => send({ do: "undo" }), pause: () => send({ do: "pause" }) };

  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.tagName === "INPUT") return;
    const { kind, done } = model.get("view");
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

  function commands(view, ...others) {
    const undo = button("Undo the last", "U", act.undo, { class: "ytcat-undo", disabled: !view.done });
    return h("div", { class: "ytcat-commands" }, ...others, undo);
  }

  const views = {
    welcome(view) {
      const start = () => send({ do: "start", participant: code.value.trim() });
      // Not a form: JupyterLab keeps Enter from submitting one.
      const code = h("input", { autocomplete: "off", spellcheck: "false", maxlength: "20", placeholder: "p07",
                                onkeydown: (event) => event.key === "Enter" && start() });
      const what = view.conditions.map((name) => name.toLowerCase()).join("; ");
      return [
        h("h3", {}, "Into which category was this video put?"),
        h("p", {}, `You see up to ${view.length} videos, one after the other, each in one way: ${what}. ` +
          "Choose one of 14 categories with the mouse or with the key beside it. Answer as well as you can without " +
          `long thought; skip only if you know the video. After every ${view.block} there is a break. What is right is not told before the end.`),
        h("div", { class: "ytcat-commands" },
          h("label", {}, "Your participant code, not your name, with at least one digit: ", code),
          button("Begin, or go on", "", start, { class: "ytcat-main" })),
      ];
    },

    trial(view) {
      const progress = `Trial ${view.trial} of ${view.total} · ${view.condition}` +
        (view.skipped ? ` · ${view.skipped} skipped` : "");
      const picture = h("div", { class: "ytcat-picture" });
      if (view.thumbnail) picture.append(thumbnail(view.thumbnail));
      const title = view.title === null ? null : h("p", { class: "ytcat-title", dir: "auto" }, view.title);
      const answers = model.get("categories").map(([id, name], place) =>
        button(name, KEYS[place], () => answer(id), { "data-category": id }));
      return [
        h("div", { class: "ytcat-progress" },
          h("span", { class: "ytcat-status" }, progress),
          h("progress", { max: view.total, value: view.done, "aria-label": "Trials done" })),
        h("div", { class: "ytcat-trial" },
          h("div", { class: `ytcat-stimulus${view.thumbnail ? "" : " ytcat-only-title"}` }, view.thumbnail ? picture : null, title),
          h("div", { class: "ytcat-answers", role: "group", "aria-label": "Categories" }, ...answers)),
        commands(view, button("Skip", "S", act.skip, { class: "ytcat-skip" }),
          button("Pause", "P", act.pause, { class: "ytcat-pause" })),
      ];
    },

    break(view) {
      return [
        h("h3", {}, "A break"),
        h("p", { class: "ytcat-status" }, `${view.done} of ${view.total} trials are done, and on disk. You may close this page: ` +
          `with the code ${view.participant} it goes on where you stopped.`),
        commands(view, button("Go on", "", () => send({ do: "resume" }), { class: "ytcat-main ytcat-resume" }), ending()),
      ];
    },

    end(view) {
      return [
        h("h3", {}, "That was the last video"),
        h("p", { class: "ytcat-status" }, `${view.done} of ${view.total} trials are done, and on disk.`),
        commands(view, ending("ytcat-main ")),
      ];
    },

    results(view) {
      const names = ["", "Right", "95% interval", "People, on the slides"];
      const line = (row) => h("tr", {}, h("th", { scope: "row" }, row.condition),
        ...[`${row.right} of ${row.n}`, row.interval, row.slides].map((cell) => h("td", {}, cell)));
      return [
        h("h3", {}, "Your results"),
        h("table", {}, h("thead", {}, h("tr", {}, ...names.map((name) => h("th", { scope: "col" }, name)))),
          h("tbody", {}, ...view.results.map(line))),
        h("p", { class: "ytcat-status" }, `${view.done} trials are done, ${view.skipped} of them skipped. ` +
          "Run the cells below to see them analysed. This code is finished; thank you."),
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
    const view = model.get("view");
    const focused = root.contains(document.activeElement);
    clearTimeout(waiting);
    waiting = null;
    shownAt = null;
    if (address) URL.revokeObjectURL(address);
    address = null;
    root.classList.remove("ytcat-waiting");
    root.dataset.kind = view.kind;
    content.replaceChildren(...views[view.kind](view));
    notice.textContent = view.notice;
    said.textContent = root.querySelector(".ytcat-status")?.textContent ?? "";
    if (focused) (root.querySelector("input") ?? root).focus({ preventScroll: true });
    if (view.kind !== "trial") return;
    await root.querySelector("img")?.decode().catch(() => {});
    requestAnimationFrame(() => {
      if (model.get("view").turn === view.turn) shownAt = performance.now();
      root.dataset.shown = view.trial;
    });
  }

  model.on("change:view", draw);
  draw();
  return () => {
    model.off("change:view", draw);
    clearTimeout(waiting);
    if (address) URL.revokeObjectURL(address);
  };
}

export default { render };
