// SPDX-License-Identifier: EUPL-1.2
// The desk of officials.

import { onAct } from "./desk/act.ts";
import { onForms, onTicks } from "./desk/forms.ts";
import { onInvite } from "./desk/invite.ts";
import { onLogin } from "./desk/login.ts";
import { onUnpublished } from "./desk/publish.ts";
import { tell } from "./desk/tell.ts";

onAct();
onForms();
onTicks();
onInvite();
void onUnpublished().catch(tell);
await onLogin().catch(tell);
