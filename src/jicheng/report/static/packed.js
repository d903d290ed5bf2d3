// Parts of the page that are carried compressed, because they are long and rarely all
// read: explanations of technologies, and the cards of challenges after the first ones.
"use strict";
const Packed = (() => {
  const read = async (id) => {
    const bytes = Uint8Array.from(atob(document.getElementById(id).textContent.trim()),
      (character) => character.charCodeAt(0));
    const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(plain).text();
  };

  const explanations = read("packed-explanations").then(JSON.parse)
    .catch(() => ({ texts: [], rows: [], blocks: {}, labels: {} }));

  // The markup was written and escaped together with the rest of the page.
  const cards = document.getElementById("packed-cards")
    ? read("packed-cards").then((markup) => {
        const place = document.getElementById("more-cards");
        place.innerHTML = markup;
        Report.dress(place);
      }).catch(() => {
        document.getElementById("more-cards").textContent = Report.say("packed.failed");
      })
    : Promise.resolve();

  return { explanations, cards };
})();
