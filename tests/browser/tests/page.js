// The script of a page that is not the sandbox's own.
"use strict";

const PATH = "/facecaptcha/service/captcha";

// The status, the reason and the body of a response, if the browser lets the page read it.
async function call(url, options) {
  const response = await fetch(url, options);
  const text = await response.text();
  let body = text;
  try {
    body = JSON.parse(text);
  } catch {
    // Not JSON.
  }
  return { status: response.status, reason: response.headers.get("X-Sandbox-Reason"), body };
}

function form(fields) {
  return { method: "POST", body: new URLSearchParams(fields) };
}

function json(fields) {
  return { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(fields) };
}

async function cipher(appkey) {
  const bytes = (text) => new TextEncoder().encode(text);
  const usages = ["encrypt", "decrypt"];
  const key = await crypto.subtle.importKey("raw", bytes(appkey.slice(0, 16)), "AES-CBC", false, usages);
  const iv = bytes([...appkey.slice(-16)].reverse().join(""));
  return [{ name: "AES-CBC", iv }, key];
}

async function decrypted(appkey, base64) {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const plain = await crypto.subtle.decrypt(...(await cipher(appkey)), bytes);
  return JSON.parse(new TextDecoder().decode(plain));
}

async function encrypted(appkey, text) {
  const spaced = new TextEncoder().encode(text + " ".repeat(16 - (text.length % 16)));
  const bytes = new Uint8Array(await crypto.subtle.encrypt(...(await cipher(appkey)), spaced));
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

// A JPEG in base64, as a page takes it from the camera.
function picture() {
  const canvas = document.createElement("canvas");
  canvas.getContext("2d").fillRect(20, 20, 80, 80);
  return canvas.toDataURL("image/jpeg").split(",")[1];
}

function credentialOf({ base, user, md5 }) {
  return call(`${base}${PATH}/credencial`, form({ user, pass: md5 }));
}

function appkeyOf({ base, user, cpf }, credential) {
  const person = { cpf, nome: "Nome Sobrenome", nascimento: "15/11/2001" };
  return call(`${base}${PATH}/appkey`, form({ user, token: JSON.stringify(credential), ...person }));
}

// The frames of a challenge, encrypted.
function frames(appkey, challenge) {
  const of = ({ tipoFace }) => `data:image/jpeg;base64,type:${tipoFace.codigo},${picture()}`;
  const records = challenge.challenges.map((each) => of(each).repeat(challenge.snapNumber));
  return encrypted(appkey, records.join(""));
}

// A whole 2D journey: the responses by the name of the step.
async function journey(certiface) {
  const { base, resultBase } = certiface;
  const credential = await credentialOf(certiface);
  const created = await appkeyOf(certiface, credential.body);
  const { appkey } = created.body;
  const checkauth = await call(`${base}${PATH}/checkauth?${new URLSearchParams({ appkey })}`);
  const challenge = await call(`${base}${PATH}/challenge`, form({ appkey }));
  const asked = await decrypted(appkey, challenge.body);
  const images = encodeURIComponent(await frames(appkey, asked));
  const captcha = await call(`${base}${PATH}`, form({ appkey, chkey: asked.chkey, images }));
  const document = await call(`${base}${PATH}/document`, json({ appkey, images: [picture(), picture()] }));
  const result = await call(`${resultBase}${PATH}/document/result`, form({ appkey }));
  return { credential, created, checkauth, challenge, captcha, document, result };
}

// What a page sees of a request to a control route: the type of the response and its text, or that it was kept from it.
async function attempt(url, options) {
  try {
    const response = await fetch(url, options);
    return `${response.type} ${response.status} ${await response.text()}`.trim();
  } catch (error) {
    return error.name;
  }
}

// Leaves the page by sending a form, which needs nobody's permission.
function leaveByForm(url, fields) {
  const sent = document.createElement("form");
  sent.method = "POST";
  sent.action = url;
  sent.enctype = "text/plain";
  for (const [name, value] of Object.entries(fields)) {
    const input = document.createElement("input");
    [input.name, input.value] = [name, value];
    sent.append(input);
  }
  document.body.append(sent);
  sent.submit();
}

// Leaves the page as by a link.
function leaveByLink(url) {
  const link = document.createElement("a");
  link.href = url;
  document.body.append(link);
  link.click();
}
