import './styles/fonts.css';
import './styles/tokens.css';
import './styles/base.css';

import { mount } from 'svelte';

import { inWindow } from '$lib/api/tauri';
import { shellName } from '$lib/app/theme';
import Portal from '$routes/portal/Portal.svelte';

document.documentElement.dataset.shell = shellName(inWindow(), navigator.userAgent);

const target = document.getElementById('app');
if (target) mount(Portal, { target });
