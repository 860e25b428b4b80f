"use strict";
(() => {
  const story = JSON.parse(document.getElementById("story").textContent);
  const byId = (id) => document.getElementById(id);
  const all = (selector, from) => Array.from((from || document).querySelectorAll(selector));
  const languages = ["en", "zh"];
  let language = Math.max(languages.indexOf(story.lang), 0);
  let view = 0, at = 0, timer = 0, zoom = 1;

  // The parts of each ladder, with the steps between which they are seen. Row 0 of the
  // story is the moment before the first step.
  const ladders = all(".view").map((box) => {
    const svg = box.querySelector("svg");
    const parts = all("[data-from]", svg).map((element) => ({
      element,
      from: Number(element.dataset.from) + 1,
      until: "until" in element.dataset ? Number(element.dataset.until) + 1 : Infinity,
    }));
    return {
      box, svg, parts,
      here: svg.querySelector(".here"),
      clip: svg.querySelector("clipPath rect"),
    };
  });
  const rows = () => story.views[view].rows;

  const write = (id, text, part) => {
    byId(id).textContent = text;
    byId(part || id).hidden = text === "";
  };

  function showWords(row) {
    const name = (texts) => texts[language];
    let lesson = at;
    while (lesson > 0 && name(rows()[lesson].say) === "") lesson--;
    write("say", lesson > 0 ? name(rows()[lesson].say) : "");
    byId("say").classList.toggle("past", lesson !== at);
    byId("what").textContent = name(row.what);
    write("why", name(row.why), "because");
    byId("rule").textContent = row.rule;
    write("now", name(row.now), "waits");
    const unusual = row.unusual || [];
    byId("odd").hidden = unusual.length === 0;
    byId("unusual").replaceChildren(...unusual.map((notice) => {
      const item = document.createElement("li");
      const bold = document.createElement("b");
      bold.textContent = name(notice.name);
      item.append(bold, " ", name(notice.text));
      return item;
    }));
    write("left", at === rows().length - 1 ? name(story.views[view].left) : "");
    byId("count").textContent = at + " / " + (rows().length - 1) + (row.time ? " · " + row.time : "");
  }

  function showLadder(row) {
    const ladder = ladders[view];
    for (const part of ladder.parts) {
      part.element.classList.toggle("later", at < part.from || at >= part.until);
    }
    ladder.clip.setAttribute("height", row.bottom + 60);
    ladder.here.setAttribute("y", row.y - 13);
    const pane = byId("ladders");
    const scale = ladder.svg.clientWidth / ladder.svg.viewBox.baseVal.width;
    const y = (story.views[view].top + row.y) * scale + ladder.box.offsetTop;
    pane.scrollTo({ top: at === 0 ? 0 : y - pane.clientHeight * 0.6, behavior: "instant" });
  }

  function showDiagram(row) {
    const tokens = { c: row.node[0], s: row.node[1] };
    for (const node of all(".node")) {
      node.classList.toggle("c", node.dataset.node === tokens.c);
      node.classList.toggle("s", node.dataset.node === tokens.s);
    }
    for (const [side, shift] of [["c", -56], ["s", 56]]) {
      const token = document.querySelector(".token." + side);
      const node = all(".node").find((n) => n.dataset.node === tokens[side]);
      token.classList.toggle("later", !node);
      if (node) {
        token.style.transform = "translate(" + (Number(node.dataset.x) + shift) + "px," + (Number(node.dataset.y) - 15) + "px)";
      }
    }
    let taken = at; // the newest change stays lit
    while (taken > 0 && rows()[taken].side === "") taken--;
    for (const edge of all(".edge")) {
      const lit = edge.dataset.edge === rows()[taken].edge;
      edge.classList.toggle("c", lit && rows()[taken].side === "c");
      edge.classList.toggle("s", lit && rows()[taken].side === "s");
    }
  }

  function show() {
    const row = rows()[at];
    byId("client").textContent = row.state[0];
    byId("server").textContent = row.state[1];
    showWords(row);
    showLadder(row);
    showDiagram(row);
    const where = byId("where");
    where.max = rows().length - 1;
    where.value = at;
    byId("first").disabled = byId("back").disabled = at === 0;
    byId("next").disabled = byId("last").disabled = at === rows().length - 1;
  }

  // The place in the story stands in the address, so that it can be given to others.
  function remember() {
    const place = (view > 0 ? "conn=" + story.views[view].conn + "&" : "") + "step=" + at;
    history.replaceState(null, "", "#" + place);
  }

  function recall() {
    const place = new URLSearchParams(location.hash.slice(1));
    const conn = story.views.findIndex((v) => String(v.conn) === place.get("conn"));
    choose(Math.max(conn, 0));
    const step = Number.parseInt(place.get("step") || "0", 10);
    at = Number.isNaN(step) ? 0 : Math.min(Math.max(step, 0), rows().length - 1);
  }

  function go(to) {
    at = Math.min(Math.max(to, 0), rows().length - 1);
    if (at === rows().length - 1) pause();
    show();
    remember();
  }

  function choose(index) {
    view = index;
    ladders.forEach((ladder, i) => { ladder.box.hidden = i !== view; });
    byId("conn").value = String(view);
  }

  function pause() {
    clearInterval(timer);
    timer = 0;
    byId("play").setAttribute("aria-pressed", "false");
  }

  function play() {
    if (timer) return pause();
    if (at === rows().length - 1) go(0);
    timer = setInterval(() => go(at + 1), 1600);
    byId("play").setAttribute("aria-pressed", "true");
  }

  // The button names the language that it changes to.
  function nameOther() {
    byId("lang").textContent = language === 0 ? "中文" : "English";
    byId("lang").lang = language === 0 ? "zh-Hans" : "en";
  }

  function speak(index) {
    language = index;
    const name = languages[language];
    document.documentElement.lang = name === "zh" ? "zh-Hans" : name;
    for (const element of all("[data-" + name + "]")) {
      if (element.tagName === "SELECT") element.setAttribute("aria-label", element.dataset[name]);
      else element.textContent = element.dataset[name];
    }
    const title = name === "zh" ? "titleZh" : "titleEn";
    for (const element of all("[data-title-en]")) {
      element.title = element.dataset[title];
      element.setAttribute("aria-label", element.dataset[title]);
    }
    document.title = document.querySelector("h1").textContent;
    nameOther();
    all("#conn option").forEach((option, i) => { option.textContent = story.views[i].name[language]; });
    show();
  }

  function connections() {
    const list = byId("conn");
    list.hidden = story.views.length < 2;
    list.replaceChildren(...story.views.map((v, i) => {
      const option = document.createElement("option");
      option.value = String(i);
      option.textContent = v.name[language];
      return option;
    }));
  }

  // On a narrow screen the calls are left to the words, and the ladder keeps its lifelines.
  const narrow = matchMedia("(max-width: 700px)");
  function fit() {
    for (const { svg } of ladders) {
      svg.setAttribute("viewBox", narrow.matches ? svg.dataset.narrow : svg.dataset.wide);
    }
    show();
  }

  function resize(by) {
    zoom = Math.min(Math.max(zoom + by, 0.75), 3);
    document.documentElement.style.setProperty("--zoom", zoom);
    show();
    const pane = byId("ladders"); // the lifelines stay in the middle
    pane.scrollLeft = (pane.scrollWidth - pane.clientWidth) * 0.5;
  }

  function key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.tagName === "SELECT") return;
    if (event.key === " " && event.target.tagName === "BUTTON") return;
    const actions = {
      "ArrowRight": () => go(at + 1), "ArrowLeft": () => go(at - 1),
      "n": () => go(at + 1), "p": () => go(at - 1),
      "Home": () => go(0), "End": () => go(rows().length - 1),
      " ": play, "+": () => resize(0.25), "=": () => resize(0.25), "-": () => resize(-0.25), "L": () => speak(1 - language),
    };
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    if (event.key.startsWith("Arrow") || "npHomeEnd".includes(event.key)) pause();
    action();
  }

  connections();
  recall();
  nameOther();
  document.body.classList.add("steps");
  byId("first").addEventListener("click", () => { pause(); go(0); });
  byId("back").addEventListener("click", () => { pause(); go(at - 1); });
  byId("next").addEventListener("click", () => { pause(); go(at + 1); });
  byId("last").addEventListener("click", () => { pause(); go(rows().length - 1); });
  byId("play").addEventListener("click", play);
  byId("lang").addEventListener("click", () => speak(1 - language));
  byId("smaller").addEventListener("click", () => resize(-0.25));
  byId("larger").addEventListener("click", () => resize(0.25));
  byId("where").addEventListener("input", (event) => { pause(); go(Number(event.target.value)); });
  byId("conn").addEventListener("change", (event) => { pause(); choose(Number(event.target.value)); go(0); });
  document.addEventListener("keydown", key);
  window.addEventListener("hashchange", () => { recall(); show(); });
  window.addEventListener("resize", () => show());
  narrow.addEventListener("change", fit);
  fit();
})();
