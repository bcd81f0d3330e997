// The browser's side of the confusion matrix: a table of buttons, one per cell that counts a video.

function render({ model, el }) {
  const categories = model.get("categories");
  const counts = model.get("counts");
  const root = document.createElement("section");
  root.className = "ytcat-explore";
  root.setAttribute("data-lm-suppress-shortcuts", "true");
  root.setAttribute("aria-label", "Confusion matrix: a click on a cell shows its videos below");
  const table = root.appendChild(document.createElement("table"));
  table.className = "ytcat-matrix";
  table.createCaption().textContent = "Rows: the true category. Columns: the answer. Click a cell to see its videos.";
  const head = table.createTHead().insertRow();
  head.append(document.createElement("td"), ...categories.map((name) => heading(name, "col")));
  const body = table.createTBody();
  counts.forEach((row, truth) => {
    const line = body.insertRow();
    line.append(heading(categories[truth], "row"));
    const total = row.reduce((sum, count) => sum + count, 0);
    row.forEach((count, answer) => {
      const cell = line.insertCell();
      if (count) cell.append(button(truth, answer, count, count / total));
    });
  });
  el.append(root);

  function heading(name, scope) {
    const cell = document.createElement("th");
    cell.scope = scope;
    const text = cell.appendChild(document.createElement("span"));
    text.textContent = name;
    return cell;
  }

  function button(truth, answer, count, share) {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = count;
    made.dataset.cell = `${truth} ${answer}`;
    made.setAttribute("aria-label", `${categories[truth]}, answered ${categories[answer]}: ${count} videos`);
    made.title = made.getAttribute("aria-label");
    made.style.setProperty("--share", `${Math.round(60 * share)}%`);
    made.addEventListener("click", () => {
      model.set("cell", [truth, answer]);
      model.save_changes();
    });
    return made;
  }

  function mark() {
    const cell = model.get("cell").join(" ");
    for (const each of table.querySelectorAll("button")) each.setAttribute("aria-pressed", String(each.dataset.cell === cell));
  }

  model.on("change:cell", mark);
  mark();
  return () => model.off("change:cell", mark);
}

export default { render };
