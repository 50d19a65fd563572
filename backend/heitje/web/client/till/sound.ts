// SPDX-License-Identifier: EUPL-1.2
// Two notes upwards when something is paid. Browsers let a page sound only after somebody has touched it.

import { settings } from "./settings.ts";

let context: AudioContext | undefined;

/** To be called where somebody touches the page. */
export function wakeSound(): void {
  if (settings().sound && typeof AudioContext !== "undefined") {
    context ??= new AudioContext();
    void context.resume();
  }
}

export function soundPaid(): void {
  if (!settings().sound || context?.state !== "running") {
    return;
  }
  [660, 990].forEach((pitch, at) => note(context as AudioContext, pitch, 0.16 * at));
}

function note(audio: AudioContext, pitch: number, after: number): void {
  const begin = audio.currentTime + after;
  const tone = new OscillatorNode(audio, { frequency: pitch });
  const loudness = new GainNode(audio, { gain: 0 });
  loudness.gain.setValueAtTime(0, begin);
  loudness.gain.linearRampToValueAtTime(0.25, begin + 0.02);
  loudness.gain.linearRampToValueAtTime(0, begin + 0.3);
  tone.connect(loudness).connect(audio.destination);
  tone.start(begin);
  tone.stop(begin + 0.3);
}
