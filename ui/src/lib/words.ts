// The words of the programme's own values.
import { m } from '$paraglide/messages';

import type { DeliveryState, Model, VisitKind, VisitState } from '$lib/api/types';

const KINDS: Record<VisitKind, () => string> = {
  unannounced: () => m.app_kind_unannounced(),
  scheduled: () => m.app_kind_scheduled(),
};

const MODELS: Record<Model, () => string> = {
  in_person: () => m.app_model_in_person(),
  remote: () => m.app_model_remote(),
};

const STATES: Record<VisitState, () => string> = {
  planned: () => m.app_state_planned(),
  assigned: () => m.app_state_assigned(),
  accepted: () => m.app_state_accepted(),
  in_progress: () => m.app_state_in_progress(),
  submitted: () => m.app_state_submitted(),
  in_review: () => m.app_state_in_review(),
  returned: () => m.app_state_returned(),
  validated: () => m.app_state_validated(),
  counted: () => m.app_state_counted(),
  declined: () => m.app_state_declined(),
  cancelled: () => m.app_state_cancelled(),
  exposed: () => m.app_state_exposed(),
};

const DELIVERIES: Record<DeliveryState, () => string> = {
  not_submitted: () => m.app_delivery_not_submitted(),
  waiting: () => m.app_delivery_waiting(),
  files_waiting: () => m.app_delivery_files_waiting(),
  sent: () => m.app_delivery_sent(),
  conflict: () => m.app_delivery_conflict(),
  rejected: () => m.app_delivery_rejected(),
};

export const kindWords = (kind: VisitKind): string => KINDS[kind]();
export const modelWords = (model: Model): string => MODELS[model]();
export const stateWords = (state: VisitState): string => STATES[state]();
export const deliveryWords = (delivery: DeliveryState): string => DELIVERIES[delivery]();
