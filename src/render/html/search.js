const search = document.getElementById("search");
if (search) {
  const rows = [...document.querySelectorAll("tbody tr")];
  search.addEventListener("input", () => {
    const wanted = search.value.trim().toLowerCase();
    let found = 0;
    for (const row of rows) {
      row.hidden = !row.textContent.toLowerCase().includes(wanted);
      if (!row.hidden) found += 1;
    }
    for (const fold of document.querySelectorAll("details")) fold.open = wanted !== "";
    document.getElementById("found").textContent = wanted === "" ? "" : `${found} of ${rows.length}`;
  });
}
