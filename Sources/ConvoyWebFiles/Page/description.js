"use strict";

/* What the page says of the network: its heading, its purpose and its layers. */

const byId = (id) => document.getElementById(id);

/** The most classes whose names are listed. */
const mostNames = 20;

/** @param draws whether images are drawn, and not only loaded. */
function describe(network, extent, draws) {
  const { classes } = network;
  const names = classes.length > mostNames
    ? `${classes.slice(0, mostNames).join(", ")} and ${grouped(classes.length - mostNames)} more`
    : classes.join(", ");
  document.title = network.title;
  byId("title").textContent = network.title;
  byId("about").textContent =
    `A convolutional network with ${grouped(network.parameters)} parameters, trained with Convoy to tell `
    + `${grouped(classes.length)} classes of ${extent.channels === 1 ? "grey" : "colour"} images of `
    + `${extent.height}×${extent.width} pixels apart: ${names}. It runs in this page; nothing leaves `
    + "your computer.";
  byId("drawing").setAttribute("aria-label", draws ? "Drawing surface" : "The picture");
  byId("invitation").textContent = draws ? "Draw here" : "Drop or paste a picture";
  byId("hint").textContent = draws
    ? "Draw with mouse, pen or finger, or drop or paste a picture. Keys: arrows move the pen, Space "
      + "puts it down or lifts it, Escape or Delete clears."
    : "Drop, paste or choose a picture. Escape or Delete clears.";
  byId("summary").append(...network.summary.map((row) => element("tr", {},
    element("th", { scope: "row" }, `${row.place} ${row.name}`),
    element("td", {}, shapeText(row.shape)),
    element("td", { class: "number" }, row.parameters > 0 ? grouped(row.parameters) : ""))));
  byId("total").textContent = grouped(network.parameters);
}
