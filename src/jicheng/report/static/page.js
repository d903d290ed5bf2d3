// The page as a whole: language buttons, sections, cards, print. Runs last.
"use strict";
(() => {
  const links = [...document.querySelectorAll("nav [data-section]")];
  const sections = links.map((link) => document.getElementById(link.dataset.section));
  let current = "summary";

  const goTo = (id) => {
    const target = document.getElementById(id);
    if (!target) return;
    if (target.tagName === "DETAILS") target.open = true;
    target.scrollIntoView();
  };

  const mark = (id) => {
    current = id;
    for (const link of links) {
      if (link.dataset.section === id) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };

  // Sections sit below the sticky head, whose height depends on strips and width.
  const measure = () => {
    const head = document.getElementById("top");
    const bar = head.querySelector(".bar").offsetHeight;
    document.documentElement.style.setProperty("--bar", `${bar}px`);
    const isNarrow = matchMedia("(max-width: 640px)").matches; // there the bar scrolls away
    const height = head.offsetHeight - (isNarrow ? bar : 0);
    document.documentElement.style.setProperty("--top", `${height}px`);
  };

  document.addEventListener("click", (event) => {
    const language = event.target.closest("[data-language]");
    if (language) {
      Report.speak(language.dataset.language);
      measure();
      Report.remember(current === "summary" ? undefined : current);
      return;
    }
    const link = event.target.closest('a[href^="#"]');
    if (link) {
      event.preventDefault();
      const id = link.getAttribute("href").slice(1);
      if (link.closest("#panel")) Panel.close();
      goTo(id);
      Report.remember(id);
      if (link.classList.contains("skip")) document.getElementById(id).focus();
    }
  });

  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) if (entry.isIntersecting) mark(entry.target.id);
  }, { rootMargin: "-30% 0px -65% 0px" });
  sections.forEach((section) => watcher.observe(section));

  for (const button of document.querySelectorAll("[data-cards]")) {
    button.addEventListener("click", () => {
      for (const card of document.querySelectorAll("details.card")) {
        card.open = button.dataset.cards === "open";
      }
    });
  }

  // Paper shows every card; what was closed is closed again afterwards.
  let closed = [];
  window.addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")]
      .filter((details) => details.matches(".card"));
    for (const details of closed) details.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const details of closed) details.open = false;
  });
  document.getElementById("print").addEventListener("click", () => window.print());
  window.addEventListener("resize", measure);
  window.addEventListener("hashchange", () => {
    const { language, section } = Report.place();
    if (language && language !== Report.language) Report.speak(language);
    if (section) goTo(section);
  });

  const { language, section } = Report.place();
  Report.speak(language || "zh");
  measure();
  mark(section && sections.some((s) => s.id === section) ? section : "summary");
  if (section) goTo(section);
})();
