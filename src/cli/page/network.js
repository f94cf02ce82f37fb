'use strict'
// network.js - the network of the page: predicts a drawn digit as `mlp-train --predict --fit` does. Draws nothing.

const data = JSON.parse(document.getElementById('data').textContent)
const { rows, columns, hidden, classes, names } = data

// ---- the network ----

const bytes = Uint8Array.from(atob(data.weights), c => c.charCodeAt(0))
const weights = new Float32Array(bytes.buffer)
const inputs = rows * columns
const W1 = weights.subarray(0, hidden * inputs) // [hidden x inputs]
const b1 = weights.subarray(W1.length, W1.length + hidden)
const W2 = weights.subarray(W1.length + hidden, W1.length + hidden + classes * hidden) // [classes x hidden]
const b2 = weights.subarray(weights.length - classes)

const activations = {
    sigmoid: a => 1 / (1 + Math.exp(-a)),
    tanh: Math.tanh,
    relu: a => Math.max(a, 0),
}

// The probabilities of the classes, and the outputs of the hidden units, for a picture of bytes.
function predict(picture) {
    const inked = []
    picture.forEach((byte, i) => byte > 0 && inked.push(i))
    const activation = activations[data.activation]
    const z = new Float64Array(hidden)
    for (let j = 0; j < hidden; j++) {
        let a = b1[j]
        for (const i of inked) a += (W1[j * inputs + i] * picture[i]) / 255
        z[j] = activation(a)
    }
    const y = Array.from(b2, (b, k) => {
        let logit = b
        for (let j = 0; j < hidden; j++) logit += W2[k * hidden + j] * z[j]
        return logit
    })
    const most = Math.max(...y)
    const exps = y.map(logit => Math.exp(logit - most))
    const total = sum(exps)
    return { z, p: exps.map(e => e / total) }
}

// ---- a drawing in the network's frame: src/data/isolate.c and normalize.c, for paper without noise, lines and frames ----

const FAINT = 0.2
const WEAK = 0.9

// The connected pieces of what has more ink than `least`, each with its pixels; also by corners.
function findPieces(ink, height, width, least) {
    const seen = new Uint8Array(height * width)
    const pieces = []
    for (let start = 0; start < seen.length; start++) {
        if (seen[start] || !(ink[start] > least)) continue
        const piece = { top: height, bottom: 0, left: width, right: 0, pixels: [start], atEdge: false }
        seen[start] = 1
        for (let n = 0; n < piece.pixels.length; n++) {
            const y = Math.floor(piece.pixels[n] / width)
            const x = piece.pixels[n] % width
            addToBox(piece, { top: y, bottom: y + 1, left: x, right: x + 1 })
            for (let v = Math.max(y - 1, 0); v <= Math.min(y + 1, height - 1); v++)
                for (let u = Math.max(x - 1, 0); u <= Math.min(x + 1, width - 1); u++) {
                    const i = v * width + u
                    if (seen[i] || !(ink[i] > least)) continue
                    seen[i] = 1
                    piece.pixels.push(i)
                }
        }
        piece.area = piece.pixels.length
        piece.isStrip = isStrip(piece, height, width)
        piece.atEdge = piece.top === 0 || piece.left === 0 || piece.bottom === height || piece.right === width
        pieces.push(piece)
    }
    return pieces
}

// Whether the piece covers nearly all of a side of the paper: then it is no stroke that touches the border.
function isStrip(piece, height, width) {
    const sides = [0, 0, 0, 0]
    for (const i of piece.pixels) {
        sides[0] += i < width
        sides[1] += i >= (height - 1) * width
        sides[2] += i % width === 0
        sides[3] += i % width === width - 1
    }
    const covered = sides.filter((n, side) => 10 * n >= 9 * (side < 2 ? width : height)).length
    return covered > (sides.every(n => n > 0) ? 1 : 0)
}

function addToBox(box, piece) {
    box.top = Math.min(box.top, piece.top)
    box.bottom = Math.max(box.bottom, piece.bottom)
    box.left = Math.min(box.left, piece.left)
    box.right = Math.max(box.right, piece.right)
}

// Which pieces are the digit: keep_pieces of src/data/isolate.c. Of those inside, the large ones, and the small ones
// among them; specks are below 1 % of the ink. Pieces at the edge count if there is hardly anything else.
function keepPieces(pieces, height, width) {
    const box = { top: height, bottom: 0, left: width, right: 0 }
    const area = list => sum(list.map(piece => piece.area))
    const atEdge = pieces.filter(piece => piece.atEdge && !piece.isStrip)
    const all = pieces.filter(piece => !piece.atEdge)
    const inside = all.filter(piece => 100 * piece.area >= area(all))
    if (inside.length === 0 || 5 * area(all) < area(atEdge)) {
        if (atEdge.length === 0) return null
        addToBox(box, atEdge.reduce((a, b) => (b.area > a.area ? b : a)))
        return { box, kept: pieces.filter(piece => piece.atEdge) }
    }
    const large = Math.max(...inside.map(piece => piece.area)) / 8
    inside.filter(piece => piece.area >= large).forEach(piece => addToBox(box, piece))
    const within = piece => piece.top >= box.top && piece.bottom <= box.bottom && piece.left >= box.left && piece.right <= box.right
    return { box, kept: inside.filter(piece => piece.area >= large || within(piece)) }
}

// The ink without pieces that are not kept, and the box of the digit; ink too faint to be in a piece stays.
function isolate(ink, height, width) {
    const strongest = ink.reduce((most, value) => Math.max(most, value), 0)
    const pieces = findPieces(ink, height, width, FAINT * strongest)
    const found = keepPieces(pieces, height, width)
    const digit = ink.slice()
    for (const piece of pieces)
        if (found !== null && !found.kept.includes(piece)) piece.pixels.forEach(i => (digit[i] = 0))
    return { digit, box: found && found.box }
}

// `n` source pixels are spread over `k` target pixels: the overlap of source j and target i, in units of 1/k source
// pixel.
const overlap = (i, j, n, k) => Math.max(0, Math.min((i + 1) * n, (j + 1) * k) - Math.max(i * n, j * k))

const scaled = (size, scale) => Math.max(1, Math.floor(size * scale + 0.5))

// Scales the ink of the box to [nRows x nColumns] pixels, each the mean of its area.
function shrink(ink, width, box, nRows, nColumns) {
    const boxHeight = box.bottom - box.top
    const boxWidth = box.right - box.left
    const values = new Float64Array(nRows * nColumns)
    for (let row = 0; row < nRows; row++)
        for (let column = 0; column < nColumns; column++) {
            let total = 0
            for (let y = Math.floor((row * boxHeight) / nRows); y * nRows < (row + 1) * boxHeight; y++) {
                let line = 0
                for (let x = Math.floor((column * boxWidth) / nColumns); x * nColumns < (column + 1) * boxWidth; x++)
                    line += overlap(column, x, boxWidth, nColumns) * ink[(box.top + y) * width + box.left + x]
                total += overlap(row, y, boxHeight, nRows) * line
            }
            values[row * nColumns + column] = total / (boxHeight * boxWidth)
        }
    return values
}

// The position of a box of `size` in a frame of `side` that brings its centre of mass nearest to the middle pixel.
function place(moments, masses, size, side) {
    const at = Math.floor(Math.floor(side / 2) - moments / masses + 0.5)
    return Math.min(Math.max(at, 0), side - size)
}

// The picture [rows x columns] of bytes that the network receives for a drawing: ink [height x width], 0 to 1.
// Returns null if there is no ink, or only ink that covers the border.
function fit(ink, height, width) {
    const strongest = ink.reduce((most, value) => Math.max(most, value), 0)
    if (!(strongest > 0.02)) return null
    const { digit, box } = isolate(ink, height, width)
    if (box === null) return null
    const scale = Math.min(scaled(rows, 20 / 28) / (box.bottom - box.top), scaled(columns, 20 / 28) / (box.right - box.left))
    const nRows = scaled(box.bottom - box.top, scale)
    const nColumns = scaled(box.right - box.left, scale)
    const values = shrink(digit, width, box, nRows, nColumns)
    const most = values.reduce((a, b) => Math.max(a, b), 0)
    const white = most < WEAK ? most : 1
    let mass = 0
    let rowMoment = 0
    let columnMoment = 0
    values.forEach((value, i) => {
        values[i] = Math.floor(255 * Math.min(value / white, 1) + 0.5)
        mass += values[i]
        rowMoment += values[i] * Math.floor(i / nColumns)
        columnMoment += values[i] * (i % nColumns)
    })
    const top = place(rowMoment, mass, nRows, rows)
    const left = place(columnMoment, mass, nColumns, columns)
    const picture = new Uint8Array(inputs)
    values.forEach((value, i) => {
        picture[(top + Math.floor(i / nColumns)) * columns + left + (i % nColumns)] = value
    })
    return picture
}
