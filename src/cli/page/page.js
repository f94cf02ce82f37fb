// page.js - fills the page from its JSON; network.js predicts what is drawn.

const isPicture = rows > 1 // false: the images are vectors, whose rows and columns are not known
const byId = id => document.getElementById(id)

// ---- elements ----

// An element with properties, and with children: elements or texts. Texts are not read as HTML.
function make(name, properties = {}, ...children) {
    const element = document.createElement(name)
    for (const [key, value] of Object.entries(properties)) {
        if (key in element && key !== 'style') element[key] = value
        else element.setAttribute(key, value)
    }
    element.append(...children)
    return element
}

function makeSvg(name, attributes = {}, ...children) {
    const element = document.createElementNS('http://www.w3.org/2000/svg', name)
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
    element.append(...children)
    return element
}

const percent = (part, digits = 2) => `${(100 * part).toFixed(digits)} %`
const count = n => n.toLocaleString('en')
const plural = (n, one, many = one + 's') => `${count(n)} ${n === 1 ? one : many}`
const sum = numbers => numbers.reduce((total, x) => total + x, 0)
const shorten = name => ([...name].length > 24 ? [...name].slice(0, 23).join('') + '…' : name)
const names24 = names.map(shorten)

// ---- pictures ----

const atlas = new Image() // all pictures of `data.shown`, side by side
const ready = data.pictures
    ? new Promise(resolve => {
          atlas.onload = resolve
          atlas.src = `data:image/png;base64,${data.pictures}`
      })
    : Promise.resolve()

// Example i of data.shown, with a caption.
function shownFigure(i) {
    const [index, label, predicted, p, pLabel] = data.shown[i]
    const text = `image ${index}: label ${names24[label]}, predicted ${names24[predicted]}`
    const figure = make('figure')
    if (data.pictures) {
        const canvas = make('canvas', { width: columns, height: rows, role: 'img' })
        canvas.setAttribute('aria-label', text)
        ready.then(() => {
            const x = (i % data.across) * columns
            const y = Math.floor(i / data.across) * rows
            canvas.getContext('2d').drawImage(atlas, x, y, columns, rows, 0, 0, columns, rows)
        })
        figure.append(canvas)
    }
    figure.append(make('figcaption', {},
        label === predicted ? names24[label] : `${names24[label]}, predicted ${names24[predicted]}`, make('br'),
        make('span', { className: 'quiet' }, percent(p, 1), make('br'), `image ${index}`)))
    figure.title = `${text} with probability ${percent(p)}; probability of the label ${percent(pLabel)}`
    return figure
}

function drawPicture(canvas, picture) {
    canvas.width = columns
    canvas.height = rows
    if (picture === null) return
    const context = canvas.getContext('2d')
    const image = context.createImageData(columns, rows)
    picture.forEach((byte, i) => image.data.set([byte, byte, byte, 255], 4 * i))
    context.putImageData(image, 0, 0)
}

// The weights of a hidden unit: blue for positive weights, orange for negative ones; the larger the weight, the
// stronger the colour.
function unitCanvas(j) {
    const canvas = make('canvas', { width: columns, height: rows, role: 'img' })
    const w = W1.subarray(j * inputs, (j + 1) * inputs)
    const most = w.reduce((a, b) => Math.max(a, Math.abs(b)), 1e-30)
    const context = canvas.getContext('2d')
    const image = context.createImageData(columns, rows)
    w.forEach((x, i) => image.data.set([...(x > 0 ? [30, 125, 210] : [225, 95, 20]), Math.round((255 * Math.abs(x)) / most)], 4 * i))
    context.putImageData(image, 0, 0)
    canvas.setAttribute('aria-label', `weights of hidden unit ${j}`)
    return canvas
}

// ---- result ----

const counts = Array.from({ length: classes }, (_, label) => data.confusion.slice(label * classes, (label + 1) * classes))
const imagesOf = counts.map(sum)
const predictionsOf = Array.from({ length: classes }, (_, k) => sum(counts.map(row => row[k])))
const total = sum(imagesOf)
const correct = sum(counts.map((row, k) => row[k]))

// The 95 % interval of a proportion (Wilson 1927).
function interval(part, whole) {
    const z = 1.96
    const p = part / whole
    const middle = (p + (z * z) / (2 * whole)) / (1 + (z * z) / whole)
    const half = (z * Math.sqrt((p * (1 - p)) / whole + (z * z) / (4 * whole * whole))) / (1 + (z * z) / whole)
    return [Math.max(middle - half, 0), Math.min(middle + half, 1)]
}

function failureLines() {
    const [least, most] = interval(correct, total)
    const guess = Math.max(...imagesOf) / total
    const favourite = predictionsOf.indexOf(Math.max(...predictionsOf))
    if (least > 2 * guess || least > (1 + guess) / 2) return []
    const lines = []
    if (least <= guess) lines.push('This network has not learned: it is no better than guessing.')
    else lines.push('This network has learned little or nothing: it is hardly better than guessing.')
    lines.push(`It is right in ${percent(correct / total)} of the test images. One that always predicts the most frequent class is right in ${percent(guess)}.`)
    if (predictionsOf[favourite] > total / 2)
        lines.push(`It predicts ${names24[favourite]} for ${percent(predictionsOf[favourite] / total, 1)} of them.`)
    lines.push((data.warnings || []).length > 0 // their advice fits the run
        ? 'The warnings of the run, below, say more.'
        : 'Train longer (more --iters), or with another learning rate (--lr). If that does not help, check that images and labels belong together.')
    return most < 1 ? lines : []
}

function showResult() {
    byId('network').textContent = `${inputs}-${hidden}-${classes} network, ${data.activation}, by ${data.settings[0][1]}`
    const [least, most] = interval(correct, total)
    byId('accuracy').textContent = `${percent(correct / total)} right`
    byId('interval').textContent =
        `${count(correct)} of ${count(total)} test images; 95 % interval ${percent(least)} to ${percent(most)}` +
        (data.test ? `. Mean loss ${data.test[0].toFixed(4)}.` : '.') +
        (data.train ? ` On the train images ${percent(data.train[1] / data.train[2])}.` : '') +
        (data.validation ? ` On the validation images ${percent(data.validation[1] / data.validation[2])}.` : '')
    const lines = failureLines()
    byId('failure').hidden = lines.length === 0
    byId('failure').append(...lines.map(line => make('p', {}, line)))
    const never = names24.filter((_, k) => predictionsOf[k] === 0 && imagesOf[k] > 0)
    const warnings = [...(data.warnings || [])]
    if (never.length > 0) warnings.push(`It never predicts ${never.slice(0, 20).join(', ')}${never.length > 20 ? ' …' : ''}.`)
    byId('warnings').append(...warnings.map(line => make('p', { className: 'warning' }, line)))
}

function showSettings() {
    byId('setting-table').tBodies[0].append(...data.settings.map(([name, value]) =>
        make('tr', {}, make('th', { scope: 'row' }, name), make('td', {}, value))))
}

// ---- the drawing ----

const paper = byId('paper')
const ink = paper.getContext('2d', { willReadFrequently: true })
const strokes = [] // lists of points
let pointer = null // id of the pointer that draws

function drawStrokes() {
    ink.clearRect(0, 0, paper.width, paper.height)
    ink.lineWidth = 22
    ink.lineCap = ink.lineJoin = 'round'
    for (const points of strokes) {
        ink.beginPath()
        ink.moveTo(points[0][0] - 0.1, points[0][1]) // a tap is a dot
        points.forEach(point => ink.lineTo(...point))
        ink.stroke()
    }
}

// Reads the canvas, and shows the image that the network receives and its prediction.
function predictDrawing() {
    const { width, height } = paper
    const pixels = ink.getImageData(0, 0, width, height).data
    const drawn = Float32Array.from({ length: width * height }, (_, i) => pixels[4 * i + 3] / 255)
    const picture = fit(drawn, height, width)
    const result = picture === null ? null : predict(picture)
    drawPicture(byId('received'), picture)
    showProbabilities(result)
    showDeciders(result)
    const best = result === null ? -1 : result.p.indexOf(Math.max(...result.p))
    byId('prediction').textContent = best < 0 ? 'nothing yet' : `${names24[best]} (${percent(result.p[best], 1).replace(' ', '\u00a0')})`
    const said = best < 0 ? 'Empty paper' : `Drawing; the network predicts ${names24[best]}`
    paper.setAttribute('aria-label', said)
    byId('received').setAttribute('aria-label', best < 0 ? 'Nothing yet' : 'The drawing, cropped, scaled and centred')
    byId('undo').disabled = byId('clear').disabled = strokes.length === 0
    return { picture, ...result }
}

let waiting = false
function redraw() {
    if (waiting) return
    waiting = true
    requestAnimationFrame(() => {
        waiting = false
        drawStrokes()
        predictDrawing()
    })
}

function pointOf(event) {
    const box = paper.getBoundingClientRect()
    return [((event.clientX - box.left) * paper.width) / box.width, ((event.clientY - box.top) * paper.height) / box.height]
}

function startStroke(event) {
    if (pointer !== null || event.button !== 0) return
    event.preventDefault()
    paper.focus({ preventScroll: true })
    pointer = event.pointerId
    paper.setPointerCapture(pointer)
    strokes.push([pointOf(event)])
    redraw()
}

function moveStroke(event) {
    if (event.pointerId !== pointer) return
    const events = event.getCoalescedEvents ? event.getCoalescedEvents() : []
    strokes.at(-1).push(...(events.length > 0 ? events : [event]).map(pointOf))
    redraw()
}

function endStroke(event) {
    if (event.pointerId === pointer) pointer = null
}

function undo() {
    strokes.pop()
    redraw()
}

function clearPaper() {
    strokes.length = 0
    redraw()
}

// The rows of the table: all classes, or if there are many, the ten most probable.
const MOST_ROWS = 12
function showProbabilities(result) {
    const p = result === null ? null : result.p
    let shown = names.map((_, k) => k)
    if (classes > MOST_ROWS) shown = p === null ? [] : shown.sort((a, b) => p[b] - p[a]).slice(0, MOST_ROWS)
    const most = p === null ? 2 : Math.max(...p)
    byId('probabilities').tBodies[0].replaceChildren(...shown.map(k => {
        const bar = make('div', { className: 'bar' })
        bar.style.width = p === null ? '0' : `${100 * p[k]}%`
        return make('tr', { className: p !== null && p[k] === most ? 'most' : '' },
            make('th', { scope: 'row' }, names24[k]), make('td', {}, bar),
            make('td', { className: 'number' }, p === null ? '–' : percent(p[k], 1)))
    }))
}

// A unit decides by its output minus its mean output over the test images, times the difference of its weights to the
// predicted class and to the second class.
function showDeciders(result) {
    const figures = []
    let text = 'They are shown when something is drawn.'
    if (result !== null) {
        const order = names.map((_, k) => k).sort((a, b) => result.p[b] - result.p[a])
        const [best, next] = order
        const share = Array.from(result.z, (z, j) => (z - data.means[j]) * (W2[best * hidden + j] - W2[next * hidden + j]))
        const ranked = share.map((_, j) => j).sort((a, b) => Math.abs(share[b]) - Math.abs(share[a])).slice(0, 8)
        text = `For ${names24[best]} (+) or for ${names24[next]}, the next class (−): what each unit adds to the difference of ` +
            'their logits, compared with its mean over the test images.'
        for (const j of ranked)
            figures.push(unitFigure(j, `${share[j] < 0 ? '−' : '+'}${Math.abs(share[j]).toFixed(2)}`))
    }
    byId('deciders-help').textContent = text
    byId('deciders').replaceChildren(...figures)
}

// ---- hidden units ----

const mean = numbers => sum(numbers) / numbers.length

// The importance of a unit: the standard deviation of its output, times the length of its weights to the logits after
// their mean was subtracted (adding the same number to all logits changes nothing).
function importance() {
    const result = Array.from({ length: hidden }, (_, j) => {
        const out = names.map((_, k) => W2[k * hidden + j])
        const middle = mean(out)
        return data.deviations[j] * Math.sqrt(sum(out.map(w => (w - middle) ** 2)))
    })
    const whole = sum(result) || 1
    return result.map(x => x / whole)
}

const shares = importance()
const ranking = shares.map((_, j) => j).sort((a, b) => shares[b] - shares[a])

function unitFigure(j, second) {
    const out = names.map((_, k) => W2[k * hidden + j])
    const most = out.indexOf(Math.max(...out))
    const least = out.indexOf(Math.min(...out))
    return make('figure', { className: 'unit' }, ...(isPicture ? [unitCanvas(j)] : []),
        make('figcaption', {}, `unit ${j}: ${second}`, make('br'),
            make('span', { className: 'quiet' }, `for ${names24[most]}, against ${names24[least]}`)))
}

let unitsShown = 0
function showMoreUnits() {
    const until = Math.min(unitsShown + 100, hidden)
    byId('unit-pictures').append(...ranking.slice(unitsShown, until).map(j => unitFigure(j, percent(shares[j], 1))))
    unitsShown = until
    const button = byId('more-units')
    button.hidden = unitsShown === hidden
    button.textContent = `Show ${Math.min(100, hidden - unitsShown)} more of ${count(hidden)}`
}

function showUnits() {
    byId('units-help').textContent =
        (isPicture ? 'Each picture shows the weights from the pixels to one unit: blue where ink raises its output, orange where ink lowers it. ' : '') +
        'The most important come first: the percentage is a unit’s share in what moves the logits over the test images. ' +
        '“For” and “against” are the classes that its output supports most and least.'
    showMoreUnits()
}

// ---- confusion ----

// The shade, 0 to 1, of a proportion; the square root makes small ones visible.
const shade = (part, whole) => (whole > 0 ? 0.8 * Math.sqrt(part / whole) : 0)

function openCell(label, predicted) {
    for (const button of byId('matrix').querySelectorAll('button[aria-pressed]'))
        button.setAttribute('aria-pressed', button.dataset.cell === `${label},${predicted}`)
    const all = counts[label][predicted]
    const chosen = data.shown.map((_, i) => i).filter(i => data.shown[i][1] === label && data.shown[i][2] === predicted)
    const kind = label === predicted ? 'least certain' : 'most confident'
    const which = chosen.length < all ? `; the ${chosen.length} ${kind} of them` : ''
    byId('cell').replaceChildren(
        make('h3', {}, `Label ${names24[label]}, predicted ${names24[predicted]}: ${plural(all, 'image')}${which}`),
        make('div', { className: 'pictures' }, ...chosen.map(shownFigure)))
}

function cellButton(label, predicted, mostWrong) {
    const n = counts[label][predicted]
    const right = label === predicted
    const button = make('button', { type: 'button', className: right ? 'right' : '', disabled: n === 0, tabIndex: -1 }, n === 0 ? '·' : String(n))
    button.setAttribute('aria-label', `label ${names24[label]}, predicted ${names24[predicted]}: ${plural(n, 'image')}`)
    button.setAttribute('aria-pressed', 'false')
    button.dataset.cell = `${label},${predicted}`
    button.style.setProperty('--share', right ? shade(n, imagesOf[label]) / 2 : shade(n, mostWrong))
    button.addEventListener('click', () => openCell(label, predicted))
    return button
}

const share = (part, whole) => (whole > 0 ? ((100 * part) / whole).toFixed(1) : '–')

function makeMatrix() {
    const mostWrong = Math.max(1, ...counts.flatMap((row, label) => row.filter((_, k) => k !== label)))
    const head = make('tr', {}, make('th', { scope: 'col' }, 'label'), ...names24.map(name => make('th', { scope: 'col' }, name)),
        make('th', { scope: 'col' }, 'recall'))
    const body = counts.map((row, label) => make('tr', {}, make('th', { scope: 'row' }, names24[label]),
        ...row.map((_, predicted) => make('td', {}, cellButton(label, predicted, mostWrong))),
        make('td', { className: 'share' }, share(row[label], imagesOf[label]))))
    const foot = make('tr', {}, make('th', { scope: 'row' }, 'precision'),
        ...names.map((_, k) => make('td', { className: 'share' }, share(counts[k][k], predictionsOf[k]))), make('td'))
    return make('table', { className: 'matrix' }, make('caption', {}, 'Rows are labels, columns are predictions; precision and recall in per cent'),
        make('thead', {}, head), make('tbody', {}, ...body), make('tfoot', {}, foot))
}

// Arrow keys move from cell to cell; the tab key enters and leaves the table.
function moveInMatrix(event) {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key]
    if (!step || !event.target.dataset.cell) return
    event.preventDefault()
    let [label, predicted] = event.target.dataset.cell.split(',').map(Number)
    for (;;) {
        label += step[0]
        predicted += step[1]
        const next = byId('matrix').querySelector(`[data-cell="${label},${predicted}"]`)
        if (next === null) return
        if (next.disabled) continue
        event.target.tabIndex = -1
        next.tabIndex = 0
        next.focus()
        return
    }
}

// Too many classes for a matrix: precision and recall of each, and the most frequent confusions.
function makeLists() {
    const pairs = counts.flatMap((row, label) => row.map((n, predicted) => [n, label, predicted]))
        .filter(([n, label, predicted]) => n > 0 && label !== predicted).sort((a, b) => b[0] - a[0]).slice(0, 100)
    const table = make('table', {}, make('caption', {}, 'Each class'),
        make('thead', {}, make('tr', {}, ...['class', 'images', 'right', 'precision, %', 'recall, %'].map(title => make('th', { scope: 'col' }, title)))),
        make('tbody', {}, ...names24.map((name, k) => make('tr', {}, make('th', { scope: 'row' }, name),
            ...[count(imagesOf[k]), count(counts[k][k]), share(counts[k][k], predictionsOf[k]), share(counts[k][k], imagesOf[k])]
                .map(text => make('td', { className: 'number' }, text))))))
    const buttons = pairs.map(([n, label, predicted]) => {
        const button = make('button', { type: 'button' }, `${names24[label]} predicted as ${names24[predicted]}: ${n}`)
        button.dataset.cell = `${label},${predicted}`
        button.setAttribute('aria-pressed', 'false')
        button.addEventListener('click', () => openCell(label, predicted))
        return button
    })
    return [make('p', { className: 'buttons' }, ...buttons), make('details', {}, make('summary', {}, 'Precision and recall of each class'), table)]
}

function showConfusion() {
    const small = classes <= 50
    byId('confusion-help').textContent = small
        ? 'A number opens the images behind it; arrow keys move from one to the next. Precision: of the predictions, how many are right. Recall: of the images, how many are found.'
        : `${classes} classes are too many for a matrix. These are the most frequent confusions; each opens the images behind it.`
    byId('matrix').append(...(small ? [makeMatrix()] : makeLists()))
    const first = byId('matrix').querySelector('.matrix button:enabled')
    if (first) first.tabIndex = 0
    byId('matrix').addEventListener('keydown', moveInMatrix)
}

function showMistakes() {
    const wrong = total - correct
    const chosen = data.shown.map((_, i) => i).filter(i => data.shown[i][1] !== data.shown[i][2])
        .sort((a, b) => data.shown[b][3] - data.shown[a][3] || a - b).slice(0, 50)
    byId('mistakes-help').textContent = wrong === 0 ? 'It made no mistake.'
        : `${chosen.length < wrong ? `The ${chosen.length} of ${plural(wrong, 'mistake')}` : plural(wrong, 'mistake')}` +
          ', the prediction with the highest probability first. Each shows the label, the prediction and its probability.'
    byId('mistake-pictures').append(...chosen.map(shownFigure))
}

// ---- curves ----

// About `n` round numbers between least and most.
function ticks(least, most, n = 5) {
    const rough = (most - least) / n
    const power = 10 ** Math.floor(Math.log10(rough))
    const step = [1, 2, 5, 10].map(x => x * power).find(x => x >= rough)
    const result = []
    for (let x = Math.ceil(least / step - 1e-9) * step; x <= most + step * 1e-9; x += step) result.push(Number(x.toPrecision(12)))
    return result
}

// A chart of series {name, className, points: [[x, y], ...]} over iterations.
function chart(title, series, range) {
    const [width, height, left, right, top, bottom] = [560, 300, 52, 28, 10, 40]
    const points = series.flatMap(s => s.points)
    const xMost = Math.max(1, ...points.map(p => p[0]))
    const xLeast = Math.min(...points.map(p => p[0]))
    const [least, most] = range(points.map(p => p[1]))
    const x = value => left + ((value - xLeast) / (xMost - xLeast || 1)) * (width - left - right)
    const y = value => top + ((most - value) / (most - least || 1)) * (height - top - bottom)
    const svg = makeSvg('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img' })
    svg.append(makeSvg('title', {}, title))
    for (const value of ticks(least, most))
        svg.append(makeSvg('line', { class: 'axis', x1: left, x2: width - right, y1: y(value), y2: y(value) }),
            makeSvg('text', { x: left - 6, y: y(value) + 4, 'text-anchor': 'end' }, String(value)))
    for (const value of ticks(xLeast, xMost, 4))
        svg.append(makeSvg('text', { x: x(value), y: height - bottom + 18, 'text-anchor': 'middle' }, count(value)))
    svg.append(makeSvg('text', { x: (left + width - right) / 2, y: height - 4, 'text-anchor': 'middle' }, 'iteration'))
    for (const s of series) {
        const path = s.points.map(([a, b]) => `${x(a).toFixed(1)},${y(Math.min(Math.max(b, least), most)).toFixed(1)}`)
        svg.append(makeSvg('polyline', { class: s.className, points: path.join(' ') }))
        if (path.length === 1) svg.append(makeSvg('circle', { class: s.className, cx: path[0].split(',')[0], cy: path[0].split(',')[1], r: 4 }))
    }
    const legend = make('p', { className: 'legend' }, ...series.map(s => make('span', {},
        makeSvg('svg', { viewBox: '0 0 32 10', 'aria-hidden': 'true' }, makeSvg('polyline', { class: s.className, points: '0,5 32,5' })), ` ${s.name}`)))
    return make('figure', {}, make('figcaption', {}, make('h3', {}, title)), svg, legend)
}

function showCurves() {
    const evaluations = data.evaluations || []
    if (evaluations.length === 0) {
        byId('curves').hidden = true
        return
    }
    const series = column => [['train images', 'train', 2], ['test images', 'test', 4], ['validation images', 'validation', 6]]
        .map(([name, className, at]) => ({ name, className, points: evaluations.filter(e => e[at + column] !== null).map(e => [e[0], e[at + column]]) }))
        .filter(s => s.points.length > 0)
    const losses = series(0)
    if (data.losses.length > 0) losses.unshift({ name: 'batches', className: 'batch', points: data.losses })
    const highest = values => [0, Math.max(...values) || 1]
    const accuracies = values => {
        const low = Math.min(...values)
        return low < 0.8 ? [0, 1] : [Math.floor(low * 20) / 20, 1]
    }
    byId('charts').append(chart('Loss', losses, highest), chart('Accuracy', series(1), accuracies))
    const titles = ['iteration', 'epoch', 'train loss', 'train accuracy', 'test loss', 'test accuracy', 'validation loss', 'validation accuracy']
    const used = titles.map((_, at) => at).filter(at => evaluations.some(e => e[at] !== null))
    byId('evaluations').append(
        make('thead', {}, make('tr', {}, ...used.map(at => make('th', { scope: 'col' }, titles[at])))),
        make('tbody', {}, ...evaluations.map(e => make('tr', {}, ...used.map(at =>
            make('td', {}, e[at] === null ? '' : at === 0 ? count(e[at]) : at === 1 ? e[at].toFixed(2) : e[at].toFixed(4)))))))
}

// ---- the page ----

showResult()
showCurves()
showConfusion()
showMistakes()
showUnits()
showSettings()
if (isPicture) {
    paper.addEventListener('pointerdown', startStroke)
    paper.addEventListener('pointermove', moveStroke)
    paper.addEventListener('pointerup', endStroke)
    paper.addEventListener('pointercancel', endStroke)
    paper.addEventListener('keydown', event => (event.ctrlKey || event.metaKey) && event.key === 'z' && undo())
    byId('undo').addEventListener('click', undo)
    byId('clear').addEventListener('click', clearPaper)
    predictDrawing()
} else {
    byId('draw').hidden = true
}
byId('more-units').addEventListener('click', showMoreUnits)
