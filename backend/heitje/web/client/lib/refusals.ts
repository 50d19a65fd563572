// SPDX-License-Identifier: EUPL-1.2
// What a person or a phone can refuse.

/** The owner of a passkey did not confirm, or did not answer. */
export class Refused extends Error {}

/** The camera could not be used. */
export class NoCamera extends Error {}
