/**
 * Hills under an evening sky.
 * @param {HTMLCanvasElement} canvas
 */
export function drawLandscape(canvas) {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  const side = canvas.width;
  const sky = context.createLinearGradient(0, 0, 0, side);
  for (const [at, color] of /** @type {[number, string][]} */ ([
    [0, '#20355f'],
    [0.35, '#8a6a93'],
    [0.55, '#f0a573'],
    [0.7, '#ffd9a0'],
  ])) {
    sky.addColorStop(at, color);
  }
  context.fillStyle = sky;
  context.fillRect(0, 0, side, side);
  context.fillStyle = '#fff3d6';
  context.beginPath();
  context.arc(side * 0.64, side * 0.52, side * 0.09, 0, 2 * Math.PI);
  context.fill();
  const hills = ['#6d5a7d', '#4a4a68', '#2f3b4f', '#1b2a2f'];
  hills.forEach((color, i) => {
    context.fillStyle = color;
    context.beginPath();
    context.moveTo(0, side);
    for (let x = 0; x <= side; x += 2) {
      const u = x / side;
      const ridge = Math.sin(u * (3 + 2 * i) + i * 1.7) * 0.06 + Math.sin(u * (11 + 5 * i) + i) * 0.016;
      context.lineTo(x, side * (0.56 + 0.11 * i + ridge));
    }
    context.lineTo(side, side);
    context.fill();
  });
}

/**
 * A zone plate: rings whose spacing shrinks outwards, so that every orientation and many frequencies occur.
 * @param {HTMLCanvasElement} canvas
 */
export function drawRings(canvas) {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  const side = canvas.width;
  const image = context.createImageData(side, side);
  const center = (side - 1) / 2;
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const squared = ((x - center) ** 2 + (y - center) ** 2) / side;
      const level = 127.5 + 127.5 * Math.cos((squared * Math.PI) / 6);
      image.data.set([level, level, level, 255], 4 * (y * side + x));
    }
  }
  context.putImageData(image, 0, 0);
}
