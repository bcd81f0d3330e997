// The title box: type a title, see the five most probable categories and which words speak for the first.
// The model (title_model.js, written by `ytcat title-box`) is linear, so all of it runs here, without a server.
"use strict";

(() => {
  // As Python splits words: \w is a letter, a number or "_".
  const WORD = /[\p{L}\p{N}_]+/gu;
  const SPACE = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;
  const SHOWN = 5;

  function prepare(model) {
    const bytes = Uint8Array.from(atob(model.weights), (c) => c.charCodeAt(0));
    const weights = new Int8Array(bytes.buffer);
    const k = model.idf.length;
    let place = 0;
    const places = model.terms.map((terms) => new Map(terms.map((term) => [term, place++])));
    return { ...model, k, places, weight: (category, term) => weights[category * k + term] * model.scale[category] };
  }

  // The parts of a title between spaces, each with the terms that occur in it: [{text, terms: [[analyzer, term]]}].
  // A pair of words belongs to the parts of both.
  function read(title) {
    const parts = title.split(SPACE).filter((text) => text);
    const words = [];
    const found = []; // {analyzer, term, parts: [number, ...]}
    parts.forEach((text, number) => {
      const lower = text.toLowerCase();
      for (const [word] of lower.matchAll(WORD)) if ([...word].length > 1) words.push([word, number]);
      const padded = [" ", ...lower, " "];
      for (let n = 2; n <= 5; n++) {
        if (padded.length <= n) {
          found.push({ analyzer: 1, term: padded.join(""), parts: [number] });
          break; // a short word is counted once, as scikit-learn does
        }
        for (let i = 0; i + n <= padded.length; i++)
          found.push({ analyzer: 1, term: padded.slice(i, i + n).join(""), parts: [number] });
      }
    });
    words.forEach(([word, number], i) => {
      found.push({ analyzer: 0, term: word, parts: [number] });
      if (i) found.push({ analyzer: 0, term: `${words[i - 1][0]} ${word}`, parts: [words[i - 1][1], number] });
    });
    return { parts, found };
  }

  // Probabilities of the 14 categories, and how much each part of the title speaks for each category.
  function answer(model, title) {
    const { parts, found } = read(title);
    const n = model.categories.length;
    const logits = [...model.intercept];
    const votes = parts.map(() => new Float64Array(n));
    model.places.forEach((places, analyzer) => {
      const counts = new Map(); // term number -> [count, the parts it occurs in]
      for (const each of found) {
        const term = each.analyzer === analyzer ? places.get(each.term) : undefined;
        if (term === undefined) continue;
        const entry = counts.get(term) ?? [0, []];
        counts.set(term, [entry[0] + 1, entry[1].concat(each.parts)]);
      }
      const values = [...counts].map(([term, [count, at]]) => [term, (1 + Math.log(count)) * model.idf[term], at]);
      const length = Math.sqrt(values.reduce((sum, [, value]) => sum + value * value, 0));
      for (const [term, value, at] of values) {
        const weights = Float64Array.from({ length: n }, (_, c) => (model.weight(c, term) * value) / length);
        const mean = weights.reduce((a, b) => a + b) / n;
        weights.forEach((weight, c) => {
          logits[c] += weight;
          for (const part of at) votes[part][c] += (weight - mean) / at.length;
        });
      }
    });
    const most = Math.max(...logits);
    const powers = logits.map((logit) => Math.exp(logit - most));
    const total = powers.reduce((a, b) => a + b);
    return { probabilities: powers.map((power) => power / total), parts, votes };
  }

  function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children); // strings become text, so markup in a title stays text
    return made;
  }

  function show(model, box, title) {
    const { probabilities, parts, votes } = answer(model, title);
    const order = probabilities.map((p, c) => [p, c]).sort((a, b) => b[0] - a[0]).slice(0, SHOWN);
    const [, first] = order[0];
    box.querySelector(".ytcat-title-bars").replaceChildren(
      ...order.map(([p, c]) => {
        const bar = element("span", { class: "ytcat-title-bar", style: `width: ${(100 * p).toFixed(2)}%` });
        const track = element("span", { class: "ytcat-title-track", "aria-hidden": "true" }, bar);
        const name = element("span", { class: "ytcat-title-name" }, model.categories[c]);
        return element("li", {}, name, track, element("span", {}, `${Math.round(100 * p)} %`));
      })
    );
    const strongest = Math.max(1e-9, ...votes.map((vote) => Math.abs(vote[first])));
    box.querySelector(".ytcat-title-words").replaceChildren(
      ...parts.flatMap((text, i) => {
        const share = votes[i][first] / strongest;
        const kind = share > 0.1 ? "for" : share < -0.1 ? "against" : "neither";
        const mark = element("span", { class: `ytcat-title-${kind}`, style: `--share: ${Math.abs(share).toFixed(2)}` }, text);
        if (kind !== "neither") mark.title = `speaks ${kind} ${model.categories[first]}`;
        return i ? [" ", mark] : [mark];
      })
    );
    box.querySelector(".ytcat-title-said").textContent = title.trim()
      ? `${model.categories[first]}, ${Math.round(100 * order[0][0])} %`
      : "Nothing typed: these are the shares of the categories it has learned from.";
    box.probabilities = probabilities; // for those who want to check
  }

  function build(model, box) {
    const about = model.about;
    const input = element("input", { type: "text", id: "ytcat-title", autocomplete: "off", spellcheck: "false" });
    const percent = (share) => `${(100 * share).toFixed(0)} %`;
    // "us-2020" is trending videos of the United States in 2020; another corpus has its folder's name.
    const learned = [about.corpus, ...about.titles_also_of].map((name) => name.replace(/^us-(\d{4})$/, "$1")).join(" and ");
    const scores =
      `A linear model of ${about.n_terms.toLocaleString("en")} words and word parts, trained on real titles ` +
      `(${learned}). It classifies ${percent(about.top1)} of new videos of known channels correctly and ` +
      `${percent(about.top1_new_channels)} of videos of new channels. Do not decide anything about people with it: ` +
      "it knows English titles of a few years, and a title says little. Nothing that you type leaves this page.";
    const examples = box.dataset.examples ? JSON.parse(box.dataset.examples) : [];
    const buttons = examples.map((title) => {
      const button = element("button", { type: "button" }, title);
      button.addEventListener("click", () => {
        input.value = title;
        show(model, box, title);
        input.focus();
      });
      return button;
    });
    box.replaceChildren(
      element("label", { for: "ytcat-title" }, "Type a title"),
      input,
      element("p", { class: "ytcat-title-examples" }, ...buttons),
      element("p", { class: "ytcat-title-said", role: "status", "aria-live": "polite" }),
      element("p", { class: "ytcat-title-words" }),
      element("ol", { class: "ytcat-title-bars", "aria-label": "The five most probable categories" }),
      element("p", { class: "ytcat-title-about" }, scores)
    );
    input.addEventListener("input", () => show(model, box, input.value));
    input.value = examples[0] ?? "";
    show(model, box, input.value);
  }

  document.addEventListener("DOMContentLoaded", () => {
    const boxes = document.querySelectorAll(".ytcat-title-box");
    if (!boxes.length) return;
    const here = document.querySelector('script[src*="title_box.js"]').src;
    const script = element("script", { src: here.replace(/title_box\.js.*$/, "title_model.js") });
    script.addEventListener("load", () => {
      const model = prepare(window.ytcatTitleModel);
      boxes.forEach((box) => build(model, box));
    });
    document.head.append(script); // a script, not a request: it works from file:// too
  });
})();
