"use strict";
(() => {
  const form = document.getElementById("search");
  const articles = [...document.querySelectorAll("article")];

  // Findings that fit all words, and policies of which one does. The text of each is read once, when it is first needed.
  let texts;
  function readTexts() {
    texts ??= articles.map((article) => {
      const items = [...article.querySelectorAll("li")];
      const about = [...article.children].filter((part) => part.tagName !== "OL");
      return {
        article,
        about: about.map((part) => part.textContent).join(" ").toLowerCase(),
        items: items.map((item) => ({ item, text: item.textContent.toLowerCase() })),
      };
    });
    return texts;
  }

  function filter() {
    const words = form.q.value.toLowerCase().split(/\s+/).filter(Boolean);
    const show = form.show.value;
    const fits = (text) => words.every((word) => text.includes(word));
    let found = 0, all = 0;
    for (const { article, about, items } of readTexts()) {
      const shown = !show || article.classList.contains(show);
      let some = shown && fits(about) && items.length === 0;
      for (const { item, text } of items) {
        item.hidden = !(shown && fits(about + " " + text));
        some ||= !item.hidden;
        found += !item.hidden;
      }
      found += some && items.length === 0;
      all += items.length || 1;
      article.hidden = !some;
    }
    form.querySelector("output").textContent = words.length || show ? `${found} of ${all}` : "";
  }

  // The address: #?q=WORDS&show=STATE is a search, #f-… a finding.
  function keepInAddress() {
    const kept = new URLSearchParams();
    if (form.q.value.trim()) kept.set("q", form.q.value.trim());
    if (form.show.value) kept.set("show", form.show.value);
    history.replaceState(null, "", `${kept}` ? `#?${kept}` : location.pathname + location.search);
  }

  function readAddress() {
    const isSearch = location.hash.startsWith("#?");
    const kept = new URLSearchParams(isSearch ? location.hash.slice(2) : "");
    form.q.value = kept.get("q") ?? "";
    form.show.value = kept.get("show") ?? "";
    if (form.show.selectedIndex < 0) form.show.value = "";
    if (isSearch || form.querySelector("output").textContent) filter();
    if (!isSearch && location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
  }

  if (form) {
    form.hidden = false;
    form.addEventListener("input", () => { filter(); keepInAddress(); });
    form.addEventListener("submit", (event) => event.preventDefault());
    addEventListener("hashchange", readAddress);
    readAddress();
  }

  // How old it is, since a page of last week still says what it said.
  const checked = document.querySelector("header time");
  const minutes = checked ? (Date.now() - Date.parse(checked.dateTime)) / 60000 : NaN;
  if (minutes >= 2) {
    const [unit, size] = minutes < 120 ? ["minute", 1] : minutes < 2880 ? ["hour", 60] : ["day", 1440];
    const age = new Intl.RelativeTimeFormat("en").format(-Math.floor(minutes / size), unit);
    checked.parentElement.append(`, ${age}`);
  }

  // Copying: the clipboard where the browser gives it, else what is selected.
  async function copy(button, text) {
    const label = button.textContent;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      button.focus();
      if (!done) return;
    }
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = label; }, 2000);
  }

  function addButton(pre) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    button.setAttribute("aria-description", pre.textContent.slice(0, 80));
    button.addEventListener("click", () => copy(button, pre.textContent));
    pre.after(button);
  }
  requestAnimationFrame(() => setTimeout(() => document.querySelectorAll("dd > pre").forEach(addButton)));

  const json = document.getElementById("json");
  if (typeof DecompressionStream === "function") {
    json.hidden = false;
    json.addEventListener("click", async () => {
      const packed = Uint8Array.from(atob(document.getElementById("data").textContent), (one) => one.charCodeAt(0));
      const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
      copy(json, JSON.stringify(JSON.parse(await new Response(stream).text()), null, 2));
    });
  }

  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
})();
