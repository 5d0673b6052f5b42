// Give each picture of the gallery a box in which it can be scrolled on a phone.
document.addEventListener("DOMContentLoaded", () => {
  for (const picture of document.querySelectorAll("img.sphx-glr-single-img")) {
    const box = document.createElement("div");
    box.className = "picture";
    box.tabIndex = 0;
    picture.replaceWith(box);
    box.append(picture);
  }
});
