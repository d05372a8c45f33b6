/** The visit in work, made by the visit's screen and reached by everything below it. */
import { createContext } from 'svelte';

import type { ScoreList } from '$lib/visit/scoreList.svelte';
import type { EvidenceDesk } from '$lib/visit/evidenceDesk.svelte';
import type { Pictures } from '$lib/visit/pictures';
import type { VisitWork } from '$lib/visit/visitWork.svelte';

export const [getWork, setWork] = createContext<VisitWork>();
export const [getPictures, setPictures] = createContext<Pictures>();
export const [getScoreList, setScoreList] = createContext<ScoreList>();
export const [getEvidenceDesk, setEvidenceDesk] = createContext<EvidenceDesk>();
