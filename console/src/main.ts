import { mount } from "svelte";
import App from "./App.svelte";
import "./styles/palette.css";
import "./styles/controls.css";

mount(App, { target: document.querySelector("#app")! });
