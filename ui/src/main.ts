import './styles/fonts.css';
import './styles/tokens.css';
import './styles/base.css';

import { mount } from 'svelte';

import App from './App.svelte';
import { inWindow } from '$lib/api/tauri';
import { shellName } from '$lib/app/theme';

document.documentElement.dataset.shell = shellName(inWindow(), navigator.userAgent);

const target = document.getElementById('app');
if (target) mount(App, { target });
