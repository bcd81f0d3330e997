// The browser's side of the video browser: sends what a reader filters by, draws one page of videos.

const TYPING = 150; // ms without a key after which a text filter is sent

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
  const categories = model.get("categories");
  const root = h("section", { class: "ytcat-explore", "aria-label": "Browser of videos" });
  root.setAttribute("data-lm-suppress-shortcuts", "true"); // keeps the keys from JupyterLab's own shortcuts
  const controls = {};
  let typing = null;
  const addresses = new Map(); // URL of a thumbnail's blob, by row

  function filter(name, value) {
    model.set("filters", { ...model.get("filters"), [name]: value, first: name === "first" ? value : 0 });
    model.save_changes();
  }

  function field(name, label) {
    controls[name] = h("input", {
      type: "search",
      "data-filter": name,
      oninput: ({ target }) => {
        clearTimeout(typing);
        typing = setTimeout(() => filter(name, target.value), TYPING);
      },
    });
    return h("label", {}, label, controls[name]);
  }

  function choice(name, label, options) {
    const read = ({ target }) => filter(name, options[target.selectedIndex][0]);
    const listed = options.map(([, text]) => h("option", {}, text));
    controls[name] = h("select", { "data-filter": name, onchange: read }, ...listed);
    controls[name].ytcatValues = options.map(([value]) => value);
    return h("label", {}, label, controls[name]);
  }

  function share(name, label) {
    const read = ({ target }) => filter(name, Math.min(100, Math.max(0, Number(target.value))) / 100);
    controls[name] = h("input", { type: "number", min: 0, max: 100, step: 5, "data-filter": name, onchange: read });
    return h("label", {}, label, controls[name]);
  }

  const any = [[-1, "any"], ...categories.map((name, label) => [label, name])];
  const answered = model.get("page").answered;
  const form = h("div", { class: "ytcat-filters" },
    field("text", "Title "), field("channel", "Channel "), choice("truth", "Category ", any),
    ...(answered ? [
      choice("answer", "Answer ", any),
      choice("correct", "Answered ", [["any", "any"], ["right", "right"], ["wrong", "wrong"]]),
      share("least", "Sure by at least % "), share("most", "at most % "),
      choice("order", "Order ", [["corpus", "corpus"], ["surest", "surest"], ["least sure", "least sure"]]),
    ] : []));
  const status = h("span", { role: "status", class: "ytcat-count" });
  const back = h("button", { type: "button", class: "ytcat-back", onclick: () => turn(-1) }, "Previous");
  const on = h("button", { type: "button", class: "ytcat-on", onclick: () => turn(1) }, "Next");
  const videos = h("div", { class: "ytcat-videos" });
  root.append(form, h("div", { class: "ytcat-pager" }, status, back, on), videos);
  el.append(root);

  function turn(pages) {
    const { first, per_page } = model.get("page");
    filter("first", first + pages * per_page);
  }

  let wanted = [];
  const seen = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      seen.unobserve(target);
      if (!wanted.length) queueMicrotask(() => model.send({ rows: wanted.splice(0) }));
      wanted.push(Number(target.dataset.row));
    }
  }, { rootMargin: "150px" });

  function receive({ rows }, buffers) {
    rows.forEach((row, place) => {
      const image = videos.querySelector(`img[data-row="${row}"]`);
      if (!image || addresses.has(row)) return;
      addresses.set(row, URL.createObjectURL(new Blob([buffers[place]])));
      image.src = addresses.get(row);
    });
  }

  function video({ row, title, channel, truth, thumbnail, answer, confidence }) {
    const picture = thumbnail
      ? h("img", { "data-row": row, alt: "", width: 120, height: 90 })
      : h("div", { class: "ytcat-none" }, "no thumbnail");
    const lines = [h("div", { class: "ytcat-name", dir: "auto" }, title), h("div", { class: "ytcat-of", dir: "auto" }, channel)];
    lines.push(h("div", {}, categories[truth]));
    if (answer !== undefined) {
      const verdict = answer === truth ? "right" : `answered ${categories[answer]}`;
      lines.push(h("div", { class: answer === truth ? "ytcat-right" : "ytcat-wrong" }, `${verdict}, ${Math.round(100 * confidence)} % sure`));
    }
    return h("article", { "data-video": row }, picture, h("div", {}, ...lines));
  }

  function draw() {
    const page = model.get("page");
    const last = Math.min(page.first + page.per_page, page.n);
    status.textContent = page.n
      ? `${(page.first + 1).toLocaleString("en")} to ${last.toLocaleString("en")} of ${page.n.toLocaleString("en")} videos (${page.of.toLocaleString("en")} in all)`
      : `None of ${page.of.toLocaleString("en")} videos`;
    back.disabled = page.first === 0;
    on.disabled = last >= page.n;
    seen.disconnect();
    for (const address of addresses.values()) URL.revokeObjectURL(address);
    addresses.clear();
    videos.replaceChildren(...page.videos.map(video));
    for (const image of videos.querySelectorAll("img")) seen.observe(image);
  }

  /** The controls as the filters are, which Python may set, too. */
  function follow() {
    for (const [name, value] of Object.entries(model.get("filters"))) {
      const control = controls[name];
      if (!control || control === document.activeElement) continue;
      if (control.ytcatValues) control.selectedIndex = control.ytcatValues.indexOf(value);
      else control.value = control.type === "number" ? Math.round(100 * value) : value;
    }
  }

  model.on("change:page", draw);
  model.on("change:filters", follow);
  model.on("msg:custom", receive);
  follow();
  draw();
  return () => {
    model.off("change:page", draw);
    model.off("change:filters", follow);
    model.off("msg:custom", receive);
    clearTimeout(typing);
    seen.disconnect();
    for (const address of addresses.values()) URL.revokeObjectURL(address);
  };
}

export default { render };
