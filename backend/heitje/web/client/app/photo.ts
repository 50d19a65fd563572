// SPDX-License-Identifier: EUPL-1.2
// A photo is made small on the phone before it goes anywhere. Drawing it anew also leaves out what the camera wrote
// beside the picture, such as where it was taken.

const LONGEST_SIDE = 1_600;
const QUALITY = 0.8;

export async function smaller(file: Blob): Promise<Blob> {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return new Promise((done, failed) =>
    canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error("the photo cannot be drawn"))), "image/jpeg", QUALITY),
  );
}
