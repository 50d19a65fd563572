// SPDX-License-Identifier: EUPL-1.2
// QR codes: drawn as an image, and read from a camera.

import { encodeQR } from "qr";
import { frameLoop, QRCanvas, rearCamera } from "qr/dom.js";
import { NoCamera } from "./refusals.ts";

const LONG = 200;

/** A QR code as an <svg> element. `label` says to people who cannot see it what it is. */
export function drawn(text: string, label: string): SVGElement {
  // A screen has no scratches: a long text is better read from larger squares than with more correction.
  const rows = encodeQR(text, "raw", { ecc: text.length > LONG ? "low" : "medium", border: 4 });
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", `0 0 ${rows.length} ${rows.length}`);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label);
  svg.setAttribute("class", "heitje-qr");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  const squares = rows.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])));
  path.setAttribute("d", squares.join(""));
  svg.append(path);
  return svg;
}

/** Looks through the camera until a QR code is seen; `stop` ends it. The video is shown in `video`. */
export async function scan(video: HTMLVideoElement, seen: (text: string) => void): Promise<() => void> {
  const camera = await rearCamera(video).catch(() => {
    throw new NoCamera();
  });
  const canvas = new QRCanvas();
  let looking = true;
  const end = frameLoop(() => {
    void camera.readFrame(canvas).then((text) => {
      if (looking && typeof text === "string" && text) {
        seen(text);
      }
    });
  });
  return () => {
    looking = false;
    end();
    camera.stop();
  };
}
