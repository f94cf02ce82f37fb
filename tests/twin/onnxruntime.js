// onnxruntime.js DIRECTORY IMAGES MANUAL - what interop.py does, in ONNX Runtime for Node.js.
const fs = require('fs'), zlib = require('zlib')
const ort = require('onnxruntime-node')

const BOUND = 1e-5 // largest difference, relative to the largest logit

function readIdx(path) { // bytes [n x rows x columns], as numbers 0..1
  let data = fs.readFileSync(path)
  if (data[0] === 0x1f) data = zlib.gunzipSync(data)
  return { n: data.readUInt32BE(4), x: Float32Array.from(data.subarray(16), byte => byte / 255) }
}

function readFloats(path) {
  const data = fs.readFileSync(path)
  return new Float32Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.length))
}

async function run(model, x, n) {
  const session = await ort.InferenceSession.create(model + '.onnx')
  const { logits, probabilities } = await session.run({ pixels: new ort.Tensor('float32', x, [n, x.length / n]) })
  const sum = probabilities.data.reduce((a, b) => a + b)
  if (!(Math.abs(sum / n - 1) < 1e-6)) throw new Error('probabilities add up to ' + sum / n)
  return logits
}

async function follow(manual, x, n) { // the manual's recipe
  const block = fs.readFileSync(manual, 'utf8').split(/^```\n/m).find(lines => lines.includes("require('onnx"))
  const AsyncFunction = run.constructor
  return new AsyncFunction('require', 'x', 'n', block + 'return logits')(require, x, n)
}

function isSame(name, ours, theirs) {
  let difference = 0, largest = 0
  ours.forEach((y, i) => {
    difference = Math.max(difference, Math.abs(y - theirs.data[i]))
    largest = Math.max(largest, Math.abs(y))
  })
  console.log(`${name}: largest difference ${(difference / largest).toExponential(1)}`)
  return ours.length === theirs.data.length && difference / largest <= BOUND
}

async function main(directory, images, manual) {
  const { n, x } = readIdx(images)
  const recipe = fs.realpathSync(manual)
  process.chdir(directory)
  const models = fs.readdirSync('.').filter(name => name.endsWith('.logits')).map(name => name.slice(0, -7))
  let same = models.includes('model')
  for (const model of models) same = isSame(model, readFloats(model + '.logits'), await run(model, x, n)) && same
  same = isSame('recipe', readFloats('model.logits'), await follow(recipe, x, n)) && same
  process.exitCode = same ? 0 : 1
}

main(...process.argv.slice(2)).catch(error => { console.error(error); process.exitCode = 1 })
