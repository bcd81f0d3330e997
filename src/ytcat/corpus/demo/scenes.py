"""The scenes of the demo corpus's thumbnails: each paints a background, its things, and `people` people."""

from collections.abc import Callable

import numpy as np

from ytcat.corpus.demo.canvas import Canvas, Color, shaded


def _stage(c: Canvas, people: int) -> None:
    c.gradient(c.color(0.8, 0.18), c.color(0.8, 0.35))
    for _ in range(c.rng.integers(3, 7)):  # beams of light
        x, end, width = c.between(0, 1), c.between(0, 1), c.between(0.05, 0.14)
        c.glow([(x, 0), (end - width, 0.85), (end + width, 0.85)], c.color(0.6, 1), 0.4)
        c.disk(x, 0.02, 0.03, (255, 255, 240))
    c.gradient(c.color(0.5, 0.3), c.color(0.5, 0.15), 0.76, 1)
    if people == 0:  # the instruments wait
        x = c.between(0.35, 0.65)
        for dx, r in ((-0.13, 0.11), (0.13, 0.11), (0, 0.16)):
            c.disk(x + dx, 0.7, r, c.color(0.8, 0.6), outline=(230, 230, 230))
        c.disk(x - 0.2, 0.48, 0.1, c.color(0.6, 0.8, 0.13), 0.02)
        c.disk(x + 0.2, 0.48, 0.1, c.color(0.6, 0.8, 0.13), 0.02)
    c.people(people, 0.86, 0.07, full=True)
    if people and c.chance(0.7):  # a microphone stand
        x = c.between(0.3, 0.7)
        c.line([(x, 0.86), (x, 0.4), (x + 0.04, 0.36)], (190, 190, 190), 0.015)
        c.disk(x + 0.045, 0.35, 0.025, (30, 30, 30))
    for x in np.arange(0, 1.05, c.between(0.06, 0.1)):  # the crowd
        y, r = c.between(0.93, 1), c.between(0.04, 0.06)
        c.disk(x, y, r, (8, 8, 14))
        if c.chance(0.35):
            c.line([(x, y), (x + c.between(-0.04, 0.04), y - 0.16)], (8, 8, 14), 0.025)


def _pitch(c: Canvas, people: int) -> None:
    horizon = c.between(0.2, 0.45)
    c.gradient(c.color(0.4, 0.5), c.color(0.3, 0.4), 0, horizon)
    for _ in range(150):  # spectators
        c.disk(c.between(0, 1), c.between(0.02, horizon - 0.03), 0.012, c.color(0.5, c.between(0.3, 1)))
    stripes = c.rng.integers(5, 9)
    greens = (c.color(0.75, 0.55, 0.31), c.color(0.75, 0.66, 0.30))
    lean = c.between(-0.3, 0.3)
    for k in range(-2, stripes + 2):  # mown grass in perspective
        x0, x1 = k / stripes, (k + 1) / stripes
        far = [(0.5 + (x - 0.5) * 0.7, horizon) for x in (x1, x0)]
        c.polygon([(x0 * 1.6 - 0.3 + lean, 1), (x1 * 1.6 - 0.3 + lean, 1), *far], greens[k % 2])
    c.line([(0, horizon), (1, horizon)], (240, 240, 240), 0.015)
    c.line([(0, 0.95), (1, c.between(0.7, 0.9))], (240, 240, 240), 0.015)
    if c.chance(0.6):  # the goal
        x = c.between(0.1, 0.6)
        foot, bar = horizon + 0.1, horizon - 0.16
        c.line([(x, foot), (x, bar), (x + 0.3, bar), (x + 0.3, foot)], (250, 250, 250), 0.02)
    c.people(people, c.between(0.86, 0.96), 0.065, full=True)
    x, y, r = c.between(0.15, 0.85), c.between(0.75, 0.92), c.between(0.04, 0.08)
    c.disk(x, y, r, (248, 248, 248), outline=(40, 40, 40))
    for turn in np.arange(5) * 2 * np.pi / 5 + c.between(0, 1):
        c.disk(x + 0.6 * r * np.cos(turn) * 0.75, y + 0.6 * r * np.sin(turn), 0.22 * r, (30, 30, 30))


def _game(c: Canvas, people: int) -> None:
    c.gradient(c.color(0.7, 0.8), c.color(0.4, 0.95))
    tile = c.between(0.06, 0.1)
    ground, grass = c.color(0.6, 0.45, 0.08), c.color(0.8, 0.7, 0.33)
    height = c.between(0.65, 0.8)
    for x in np.arange(0, 1, tile):  # blocks
        height = float(np.clip(height + c.pick([-0.1, 0, 0, 0.1]), 0.5, 0.9))
        c.box(x, height, x + tile, 1, ground)
        c.box(x, height, x + tile, height + 0.05, grass)
        for y in np.arange(height + 0.05, 1, 0.1):
            c.line([(x, y), (x + tile, y)], shaded(ground, 0.5), 0.008)
    for _ in range(c.rng.integers(1, 4)):  # floating platforms and coins
        x, y = c.between(0, 0.8), c.between(0.25, 0.55)
        c.box(x, y, x + 0.2, y + 0.06, c.color(0.8, 0.6))
        for k in range(3):
            c.disk(x + 0.04 + 0.06 * k, y - 0.06, 0.028, (255, 215, 40), outline=(190, 130, 0))
    for _ in range(c.rng.integers(1, 3)):  # a square monster
        x, y, s = c.between(0.1, 0.8), c.between(0.45, 0.62), c.between(0.09, 0.15)
        c.box(x, y, x + s, y + s * 1.33, c.color(0.9, 0.7))
        for eye in (0.2, 0.6):
            c.box(x + eye * s, y + 0.3 * s, x + (eye + 0.2) * s, y + 0.7 * s, (255, 255, 255))
            c.box(x + (eye + 0.1) * s, y + 0.4 * s, x + (eye + 0.2) * s, y + 0.7 * s, (0, 0, 0))
    # The display: health, hearts, a map.
    c.box(0.04, 0.05, 0.42, 0.12, (20, 20, 20))
    c.box(0.05, 0.06, 0.05 + c.between(0.06, 0.36), 0.11, c.color(0.9, 0.9, c.pick([0.0, 0.33])))
    for k in range(c.rng.integers(1, 6)):
        c.disk(0.07 + 0.06 * k, 0.18, 0.03, (230, 30, 50))
    c.disk(0.9, 0.14, 0.1, (30, 60, 40), outline=(240, 240, 240))
    c.disk(0.9 + c.between(-0.04, 0.04), 0.14, 0.02, (255, 60, 60))
    c.people(people, 1.0, 0.09)  # players in front of their game


def _news(c: Canvas, people: int) -> None:
    c.gradient(c.color(0.7, 0.35, 0.6), c.color(0.7, 0.6, 0.6))
    for x in np.arange(0, 1, 0.12):  # the studio wall
        c.line([(x, 0), (x, 0.7)], c.color(0.6, 0.5, 0.6), 0.01)
    x = c.between(0.05, 0.5)
    c.box(x, 0.08, x + 0.45, 0.5, c.color(0.5, 0.75))  # a screen with a map or a chart
    if c.chance(0.5):
        for _ in range(5):
            land = c.color(0.5, 0.4, 0.3)
            rx, ry = c.between(0.03, 0.09), c.between(0.03, 0.07)
            c.disk(x + c.between(0.08, 0.37), c.between(0.18, 0.4), rx, land, ry)
    else:
        for k in range(6):
            c.box(
                x + 0.04 + 0.065 * k,
                c.between(0.14, 0.42),
                x + 0.08 + 0.065 * k,
                0.47,
                c.color(0.8, 0.9, 0.0),
            )
    c.people(people, 0.86, 0.1)
    c.polygon([(0, 0.8), (1, 0.8), (0.92, 1), (0.08, 1)], c.color(0.5, 0.3))  # the desk
    c.box(0, 0.76, 1, 0.81, c.color(0.1, 0.85))
    for x in (0.2, 0.55):
        c.box(x, 0.71, x + 0.13, 0.765, (245, 245, 245))


def _kitchen(c: Canvas, people: int) -> None:
    tiles = c.color(0.2, 0.9)
    c.gradient(tiles, c.color(0.2, 0.8))
    grout = shaded(tiles, 0.85)
    for x in np.arange(0, 1, 0.08):
        c.line([(x, 0), (x, 0.6)], grout)
    for y in np.arange(0, 0.6, 0.1):
        c.line([(0, y), (1, y)], grout)
    for x in np.arange(c.between(0, 0.2), 1, 0.3):  # cupboards
        c.box(x, 0, x + 0.26, 0.2, c.color(0.5, 0.6), 0.01)
        c.disk(x + 0.13, 0.16, 0.015, (220, 220, 220))
    c.people(people, 0.8, 0.1)
    c.box(0, 0.66, 1, 1, c.color(0.45, 0.55, 0.07))
    c.box(0, 0.64, 1, 0.69, c.color(0.2, 0.8, 0.08))
    x = c.between(0.1, 0.3) + 0.5 * c.rng.integers(0, 2)
    metal = c.color(0.05, c.between(0.3, 0.75))
    c.box(x - 0.09, 0.5, x + 0.09, 0.66, metal, 0.03)  # a pot and its steam
    c.box(x - 0.14, 0.54, x + 0.14, 0.57, metal)
    for k in (-0.04, 0.0, 0.04):
        wave = np.linspace(0, 1, 8)
        steam = zip(x + k + 0.012 * np.sin(9 * wave + k * 90), 0.47 - 0.2 * wave, strict=True)
        c.line(steam, (250, 250, 250), 0.015)
    for _ in range(c.rng.integers(1, 4)):  # plates
        x, y = c.between(0.1, 0.9), c.between(0.78, 0.94)
        c.disk(x, y, 0.16, (250, 250, 248), 0.07, outline=(200, 200, 200))
        for _ in range(c.rng.integers(3, 8)):
            fill = c.color(0.85, 0.8, c.pick([0.0, 0.08, 0.13, 0.3]))
            c.disk(x + c.between(-0.05, 0.05), y - c.between(0, 0.05), c.between(0.02, 0.05), fill)


def _vanity(c: Canvas, people: int) -> None:
    c.gradient(c.color(0.3, 0.95), c.color(0.35, 0.8))
    x = c.between(0.4, 0.6)
    c.box(x - 0.3, 0.04, x + 0.3, 0.78, c.color(0.25, 0.98), 0.06)
    c.box(x - 0.25, 0.1, x + 0.25, 0.72, (205, 222, 232), 0.03)  # the mirror
    c.glow([(x - 0.25, 0.4), (x + 0.05, 0.1), (x + 0.15, 0.1), (x - 0.25, 0.55)], (255, 255, 255), 0.5)
    c.people(people, 0.86, 0.13)
    for y in np.arange(0.12, 0.75, 0.14):  # light bulbs
        for side in (-0.275, 0.275):
            c.disk(x + side, y, 0.033, (255, 250, 205), outline=(235, 200, 120))
    c.box(0, 0.82, 1, 1, c.color(0.2, 0.9))
    for k in range(c.rng.integers(4, 8)):  # lipsticks, jars
        x = 0.08 + 0.12 * k + c.between(-0.02, 0.02)
        if c.chance(0.6):
            c.box(x, 0.74, x + 0.035, 0.9, (35, 30, 35))
            c.polygon([(x, 0.74), (x + 0.035, 0.74), (x + 0.035, 0.63), (x, 0.68)], c.color(0.85, 0.8, 0.96))
        else:
            c.disk(x + 0.02, 0.88, 0.07, c.color(0.5, 0.9), 0.04, outline=(120, 90, 90))


def _workshop(c: Canvas, people: int) -> None:
    board = c.color(0.5, 0.6, 0.09)
    c.gradient(board, c.color(0.5, 0.5, 0.09))
    for x in np.arange(0.03, 1, 0.06):  # a pegboard
        for y in np.arange(0.04, 0.62, 0.08):
            c.disk(x, y, 0.006, (60, 40, 25))
    for k in range(5):  # tools
        x, y = 0.1 + 0.2 * k + c.between(-0.04, 0.04), c.between(0.08, 0.2)
        kind = c.rng.integers(3)
        c.line([(x, y), (x, y + 0.26)], c.color(0.8, 0.65), 0.03)
        if kind == 0:  # hammer
            c.box(x - 0.05, y - 0.03, x + 0.04, y + 0.04, (110, 110, 118))
        elif kind == 1:  # wrench
            c.disk(x, y, 0.05, (165, 165, 172))
            c.disk(x, y - 0.025, 0.024, board)
        else:  # saw
            c.polygon(
                [(x, y + 0.1), (x + 0.035, y), (x + 0.12, y + 0.27), (x + 0.05, y + 0.3)], (190, 190, 196)
            )
    c.people(people, 0.85, 0.1)
    c.box(0, 0.74, 1, 0.82, c.color(0.55, 0.72, 0.08))
    c.box(0, 0.82, 1, 1, c.color(0.55, 0.35, 0.07))
    for _ in range(c.rng.integers(2, 5)):  # wood and paint
        x = c.between(0, 0.85)
        c.box(x, c.between(0.58, 0.68), x + c.between(0.06, 0.22), 0.75, c.color(c.between(0.4, 0.9), 0.8))


def _landscape(c: Canvas, people: int) -> None:
    c.gradient(c.color(0.5, 0.9, c.pick([0.55, 0.58, 0.05])), c.color(0.25, 1.0, 0.1), 0, 0.65)
    c.disk(c.between(0.1, 0.9), c.between(0.1, 0.4), c.between(0.05, 0.1), (255, 245, 200))
    for _ in range(c.rng.integers(0, 4)):  # clouds
        x, y = c.between(0, 1), c.between(0.05, 0.3)
        for k in range(4):
            c.disk(x + 0.04 * k, y + c.between(-0.02, 0.02), c.between(0.03, 0.06), (250, 250, 252))
    c.ridge(0.5, 0.16, c.color(0.3, 0.6, 0.62))
    c.ridge(0.6, 0.1, c.color(0.5, 0.45, 0.45), 11)
    if c.chance(0.55):  # sea and sand
        c.gradient(c.color(0.7, 0.75, 0.53), c.color(0.6, 0.55, 0.56), 0.6, 0.82)
        for _ in range(12):
            x, y = c.between(0, 0.9), c.between(0.63, 0.8)
            c.line([(x, y), (x + 0.08, y)], (235, 245, 250), 0.008)
        c.gradient(c.color(0.35, 0.9, 0.12), c.color(0.4, 0.8, 0.11), 0.82, 1)
        x = c.between(0.05, 0.25) + 0.65 * c.rng.integers(0, 2)
        c.line([(x, 0.95), (x + 0.02, 0.6), (x + 0.05, 0.4)], c.color(0.6, 0.4, 0.07), 0.035)
        for turn in np.linspace(-0.3, 3.5, 7):  # a palm
            dx, dy = np.cos(turn), 0.11 * np.sin(turn)
            frond = [(x + 0.05, 0.4), (x + 0.05 + 0.07 * dx, 0.4 - dy), (x + 0.05 + 0.13 * dx, 0.46 - dy)]
            c.line(frond, c.color(0.8, 0.45, 0.35), 0.025)
    else:  # meadow and firs
        c.gradient(c.color(0.6, 0.6, 0.28), c.color(0.7, 0.4, 0.3), 0.66, 1)
        for _ in range(c.rng.integers(4, 10)):
            x, y, h = c.between(0, 1), c.between(0.7, 0.95), c.between(0.14, 0.28)
            c.polygon([(x - 0.25 * h, y), (x + 0.25 * h, y), (x, y - h)], c.color(0.7, 0.3, 0.36))
    if c.chance(0.6):  # a suitcase
        x, fill = c.between(0.15, 0.8), c.color(0.8, 0.8)
        c.box(x + 0.03, 0.68, x + 0.1, 0.76, (60, 60, 60), 0.02)
        c.box(x, 0.72, x + 0.13, 0.96, fill, 0.03)
        for k in (0.035, 0.085):
            c.box(x + k, 0.72, x + k + 0.012, 0.96, shaded(fill, 0.5))
    c.people(people, 0.97, 0.06, full=True)


def _road(c: Canvas, people: int) -> None:
    c.gradient(c.color(0.5, 0.85, 0.57), c.color(0.3, 0.95, 0.1), 0, 0.55)
    c.ridge(0.52, 0.07, c.color(0.4, 0.5, 0.4))
    c.gradient(c.color(0.4, 0.5, 0.2), c.color(0.5, 0.4, 0.2), 0.52, 1)
    bend = c.between(0.3, 0.7)
    c.polygon([(-0.3, 1), (1.3, 1), (bend + 0.06, 0.52), (bend - 0.06, 0.52)], c.color(0.05, 0.35))
    for near, far in ((1, 0.86), (0.78, 0.7), (0.65, 0.6)):
        c.line([(0.5 + (bend - 0.5) * (1 - y) / 0.48, y) for y in (near, far)], (240, 240, 230), 0.02 * near)
    x, y, s = c.between(0.28, 0.72), c.between(0.82, 0.92), c.between(0.75, 1.15)
    way = c.pick([-1, 1])
    paint, glass = c.color(0.9, 0.8), (165, 205, 225)
    c.disk(x, y + 0.005, 0.33 * s, (35, 35, 35), 0.03)
    cabin = ((-0.14, -0.14), (-0.08, -0.27), (0.07, -0.27), (0.15, -0.14))
    c.polygon([(x + way * dx * s, y + dy * s) for dx, dy in cabin], paint)
    for left, right, slope in ((-0.12, -0.01, 0.05), (0.01, 0.12, -0.05)):
        window = (
            (left, -0.15),
            (right, -0.15),
            (right + min(slope, 0), -0.25),
            (left + max(slope, 0), -0.25),
        )
        c.polygon([(x + way * dx * s, y + dy * s) for dx, dy in window], glass)
    c.box(x - 0.25 * s, y - 0.15 * s, x + 0.25 * s, y - 0.03 * s, paint, 0.05 * s)
    c.disk(x + way * 0.235 * s, y - 0.1 * s, 0.022 * s, (255, 250, 190))
    for wheel in (-0.15, 0.15):
        c.disk(x + wheel * s, y - 0.03 * s, 0.075 * s, (20, 20, 22))
        c.disk(x + wheel * s, y - 0.03 * s, 0.038 * s, (185, 185, 190))
    c.people(people, 0.98, 0.055, full=True)


def _animal(c: Canvas, people: int) -> None:
    c.gradient(c.color(0.3, 0.9), c.color(0.4, 0.75))
    c.gradient(c.color(0.5, 0.7, 0.28), c.color(0.6, 0.5, 0.28), 0.72, 1)
    c.people(people, 0.8, 0.08)
    for _ in range(1 if c.chance(0.65) else 2):
        c.pick([_cat, _dog, _bird])(c, c.between(0.25, 0.75), c.between(0.5, 0.62), c.between(0.15, 0.22))


def _fur(c: Canvas) -> Color:
    return c.color(c.between(0.05, 0.75), c.between(0.2, 0.95), 0.08)


def _animal_face(c: Canvas, x: float, y: float, r: float, muzzle: Color) -> None:
    unit = r * c.height / c.width
    for side in (-0.4, 0.4):
        c.disk(x + side * unit, y - 0.15 * r, 0.2 * r, (250, 250, 240))
        c.disk(x + side * unit, y - 0.13 * r, 0.13 * r, (20, 20, 20))
    c.disk(x, y + 0.4 * r, 0.4 * r, muzzle, 0.32 * r)
    c.disk(x, y + 0.25 * r, 0.13 * r, (60, 30, 40), 0.1 * r)


def _cat(c: Canvas, x: float, y: float, r: float) -> None:
    fur, unit = _fur(c), r * c.height / c.width
    c.disk(x, y + 1.9 * r, 0.9 * r, fur, 1.3 * r)
    tail = [(x + 0.7 * unit, y + 2.6 * r), (x + 1.7 * unit, y + 1.9 * r), (x + 1.5 * unit, y + 0.8 * r)]
    c.line(tail, fur, 0.3 * r)
    for side in (-1, 1):
        ear = [
            (x + side * 0.95 * unit, y - 0.1 * r),
            (x + side * 0.8 * unit, y - 1.5 * r),
            (x + side * 0.1 * unit, y - 0.8 * r),
        ]
        c.polygon(ear, fur)
    c.disk(x, y, r, fur, 0.9 * r)
    _animal_face(c, x, y, r, (245, 235, 225))
    for side in (-1, 1):
        for lift in (-0.1, 0.1):
            whisker = [(x + side * 0.3 * unit, y + 0.4 * r), (x + side * 1.2 * unit, y + (0.35 + lift) * r)]
            c.line(whisker, (250, 250, 250), 0.006)


def _dog(c: Canvas, x: float, y: float, r: float) -> None:
    fur, unit = _fur(c), r * c.height / c.width
    dark = shaded(fur, 0.5)
    c.disk(x, y + 2.0 * r, 1.1 * r, fur, 1.3 * r)
    c.disk(x, y, r, fur)
    for side in (-1, 1):
        c.disk(x + side * unit, y + 0.15 * r, 0.32 * r, dark, 0.8 * r)
    _animal_face(c, x, y, r, (240, 225, 205))
    c.disk(x, y + 0.78 * r, 0.16 * r, (235, 110, 130), 0.28 * r)


def _bird(c: Canvas, x: float, y: float, r: float) -> None:
    feathers, unit = c.color(0.85, 0.85, c.between(0, 1)), r * c.height / c.width
    c.line([(0, y + 2 * r), (1, y + 2.1 * r)], (95, 65, 40), 0.035)
    c.polygon([(x - 0.3 * unit, y + r), (x + 0.3 * unit, y + r), (x + 0.5 * unit, y + 3 * r)], feathers)
    c.disk(x, y + 0.9 * r, 0.8 * r, feathers, 1.2 * r)
    c.disk(x + 0.2 * unit, y + r, 0.4 * r, c.color(0.8, 0.6, c.between(0, 1)), 0.8 * r)
    c.disk(x, y - 0.2 * r, 0.65 * r, feathers)
    way = c.pick([-1, 1])
    c.polygon(
        [
            (x + way * 0.5 * unit, y - 0.4 * r),
            (x + way * 1.1 * unit, y - 0.1 * r),
            (x + way * 0.5 * unit, y + 0.1 * r),
        ],
        (245, 170, 40),
    )
    c.disk(x + way * 0.2 * unit, y - 0.35 * r, 0.17 * r, (255, 255, 255))
    c.disk(x + way * 0.24 * unit, y - 0.35 * r, 0.09 * r, (10, 10, 10))


def _classroom(c: Canvas, people: int) -> None:
    c.gradient(c.color(0.25, 0.85), c.color(0.25, 0.75))
    c.box(0.05, 0.06, 0.95, 0.72, c.color(0.5, 0.5, 0.08), 0.02)
    board = c.color(0.5, 0.3, c.pick([0.4, 0.45])) if c.chance(0.75) else (240, 242, 245)
    chalk = (235, 240, 235) if sum(board) < 400 else c.color(0.8, 0.5)
    c.box(0.075, 0.1, 0.925, 0.68, board)
    for _ in range(c.rng.integers(3, 6)):  # scribbles
        x, y = c.between(0.1, 0.7), c.between(0.15, 0.6)
        kind = c.rng.integers(4)
        if kind == 0:
            c.text(x + 0.1, y, c.pick(["a+b=c", "x2 - 1", "E = ?", "ABC", "1 2 3", "2+2=4"]), 0.13, chalk)
        elif kind == 1:
            steps = np.linspace(0, 1, 20)
            c.line(zip(x + 0.2 * steps, y + 0.06 * np.sin(12 * steps), strict=True), chalk, 0.012)
        elif kind == 2:
            c.line([(x, y + 0.08), (x + 0.14, y + 0.08), (x + 0.03, y - 0.08), (x, y + 0.08)], chalk, 0.012)
        else:
            c.line([(x, y - 0.1), (x, y + 0.08), (x + 0.18, y + 0.08)], chalk, 0.012)
            c.line([(x, y + 0.06), (x + 0.06, y), (x + 0.1, y + 0.02), (x + 0.17, y - 0.09)], chalk, 0.012)
    c.people(people, 0.95, 0.1)
    c.box(0, 0.88, 1, 1, c.color(0.5, 0.5, 0.08))
    x = c.between(0.1, 0.8)
    for k in range(c.rng.integers(2, 5)):  # books
        c.box(x + c.between(-0.01, 0.01), 0.84 - 0.05 * k, x + 0.15, 0.885 - 0.05 * k, c.color(0.8, 0.7))


def _cartoon(c: Canvas, people: int) -> None:
    c.gradient(c.color(0.7, 1.0), c.color(0.6, 1.0))
    rays = c.rng.integers(8, 14)
    ray = c.color(0.5, 1.0)
    x, y = c.between(0.3, 0.7), c.between(0.42, 0.55)
    for k in range(rays):  # a sunburst
        a, b = 2 * np.pi * k / rays, 2 * np.pi * (k + 0.5) / rays
        c.polygon(
            [(x, y), (x + 2 * np.cos(a), y + 2 * np.sin(a)), (x + 2 * np.cos(b), y + 2 * np.sin(b))], ray
        )
    for _ in range(1 if c.chance(0.7) else 2):  # a creature with big eyes and a black outline
        r = c.between(0.22, 0.32)
        body, unit = c.color(0.95, 0.9, c.between(0, 1)), r * c.height / c.width
        for side in (-1, 1):
            c.line(
                [(x + side * 0.5 * unit, y + 0.7 * r), (x + side * 0.6 * unit, y + 1.7 * r)],
                (15, 15, 15),
                0.04,
            )
            hand = (x + side * 1.6 * unit, y + c.between(-0.7, 0.5) * r)
            c.line([(x + side * 0.8 * unit, y + 0.2 * r), hand], (15, 15, 15), 0.04)
        if c.chance(0.5):
            c.box(x - unit - 0.01, y - r - 0.014, x + unit + 0.01, y + r + 0.014, (15, 15, 15), 0.3 * r)
            c.box(x - unit, y - r, x + unit, y + r, body, 0.3 * r)
        else:
            c.disk(x, y, 1.07 * r, (15, 15, 15))
            c.disk(x, y, r, body)
        look = c.between(-0.1, 0.1)
        for side in (-0.36, 0.36):
            c.disk(x + side * unit, y - 0.25 * r, 0.33 * r, (255, 255, 255), 0.38 * r, outline=(15, 15, 15))
            c.disk(x + (side + look) * unit, y - 0.22 * r, 0.14 * r, (10, 10, 10))
        mouth = (x - 0.55 * unit, y - 0.05 * r, x + 0.55 * unit, y + 0.75 * r)
        c.chord(*mouth, fill=(120, 20, 30), outline=(15, 15, 15))
        x, y = (x + 0.45) % 0.9 + 0.05, c.between(0.45, 0.6)
    c.people(people, 1.0, 0.08)


def _living_room(c: Canvas, people: int) -> None:
    c.gradient(c.color(0.25, 0.92), c.color(0.3, 0.8))
    x = c.between(0.05, 0.6)
    c.box(x, 0.08, x + 0.28, 0.5, (250, 250, 248))  # a window
    c.box(x + 0.015, 0.1, x + 0.265, 0.48, c.color(0.35, 0.97, 0.56))
    c.line([(x + 0.14, 0.08), (x + 0.14, 0.5)], (250, 250, 248), 0.02)
    x = (x + 0.45) % 1
    for _ in range(c.rng.integers(1, 4)):  # pictures
        w = c.between(0.07, 0.13)
        x, y = x % 0.85, c.between(0.08, 0.25)
        c.box(x, y, x + w, y + 1.3 * w, (60, 50, 45))
        c.box(x + 0.01, y + 0.015, x + w - 0.01, y + 1.3 * w - 0.015, c.color(0.6, 0.8))
        x += 0.17
    sofa, left = c.color(0.55, 0.6), c.between(0.02, 0.2)
    c.box(left, 0.48, left + 0.75, 0.95, sofa, 0.06)
    for k in (0.02, 0.39):
        c.box(left + k, 0.7, left + k + 0.34, 0.9, shaded(sofa, 0.85), 0.04)
    x = 0.9 if left < 0.1 else 0.08
    c.line([(x, 0.95), (x, 0.45)], (90, 80, 70), 0.02)
    c.polygon([(x - 0.07, 0.45), (x + 0.07, 0.45), (x + 0.04, 0.28), (x - 0.04, 0.28)], (255, 232, 170))
    c.gradient(c.color(0.4, 0.5, 0.08), c.color(0.4, 0.45, 0.08), 0.93, 1)
    c.people(people, 1.0, 0.145)


def _gadget(c: Canvas, people: int) -> None:
    c.gradient(c.color(0.3, c.between(0.15, 0.95)), c.color(0.4, c.between(0.1, 0.8)))
    c.people(people, 1.0, 0.12)
    x, y = c.between(0.3, 0.7), c.between(0.5, 0.58)
    case, screen = c.pick([(25, 25, 28), (235, 235, 238), (150, 155, 165)]), c.color(0.8, 0.9)
    kind = c.rng.integers(4)
    if kind == 0:  # phones
        for k in range(c.rng.integers(1, 3)):
            left = x - 0.14 + 0.22 * k
            c.box(left, y - 0.36, left + 0.19, y + 0.36, case, 0.04)
            c.box(left + 0.012, y - 0.3, left + 0.178, y + 0.29, screen, 0.01)
            for row in range(4):
                for column in range(3):
                    icon = (left + 0.045 + 0.05 * column, y - 0.2 + 0.12 * row)
                    c.disk(*icon, 0.025, c.color(0.7, 1.0, c.between(0, 1)))
    elif kind == 1:  # a laptop
        c.box(x - 0.25, y - 0.32, x + 0.25, y + 0.14, case, 0.03)
        c.box(x - 0.23, y - 0.29, x + 0.23, y + 0.11, screen)
        for k in range(5):
            row = y - 0.22 + 0.06 * k
            c.line([(x - 0.2, row), (x + c.between(-0.1, 0.16), row)], (245, 245, 245), 0.018)
        c.polygon(
            [(x - 0.25, y + 0.15), (x + 0.25, y + 0.15), (x + 0.33, y + 0.27), (x - 0.33, y + 0.27)],
            (170, 172, 178),
        )
    elif kind == 2:  # a robot
        c.line([(x, y - 0.42), (x, y - 0.25)], (90, 90, 95), 0.02)
        c.disk(x, y - 0.43, 0.03, (255, 60, 60))
        c.box(x - 0.13, y - 0.3, x + 0.13, y + 0.02, (185, 190, 200), 0.04)
        for side in (-0.06, 0.06):
            c.disk(x + side, y - 0.17, 0.045, screen, outline=(30, 30, 30))
            c.line(
                [(x + 3 * side, y + 0.1), (x + 4 * side, y + c.between(-0.1, 0.35))], (120, 125, 135), 0.05
            )
        for k in range(4):
            c.box(x - 0.07 + 0.04 * k, y - 0.07, x - 0.05 + 0.04 * k, y - 0.03, (40, 40, 45))
        c.box(x - 0.17, y + 0.05, x + 0.17, y + 0.46, (160, 165, 175), 0.04)
        c.disk(x, y + 0.22, 0.06, screen)
    else:  # a camera
        c.box(x - 0.1, y - 0.27, x + 0.08, y - 0.12, case, 0.02)
        c.box(x - 0.24, y - 0.2, x + 0.24, y + 0.24, case, 0.04)
        for r, fill in ((0.2, (60, 60, 66)), (0.16, (20, 20, 26)), (0.1, screen), (0.03, (255, 255, 255))):
            c.disk(x, y + 0.02, r, fill)


def _space(c: Canvas, people: int) -> None:
    c.gradient((4, 4, 18), c.color(0.8, 0.25, 0.7))
    for _ in range(60):
        c.disk(c.between(0, 1), c.between(0, 1), c.between(0.003, 0.009), (255, 255, 245))
    for _ in range(c.rng.integers(1, 4)):  # planets
        x, y, r = c.between(0.1, 0.9), c.between(0.15, 0.85), c.between(0.07, 0.28)
        planet = c.color(0.7, 0.8)
        ring = c.chance(0.4)
        if ring:
            c.disk(x, y, 1.7 * r, (205, 190, 160), 0.45 * r)
            c.disk(x, y, 1.4 * r, (15, 12, 35), 0.3 * r)
        c.disk(x, y, r, planet)
        for _ in range(4):  # craters
            turn, far = c.between(0, 6.3), c.between(0, 0.6) * r
            shade = shaded(planet, 0.8)
            c.disk(x + 0.75 * far * np.cos(turn), y + far * np.sin(turn), c.between(0.08, 0.22) * r, shade)
    if c.chance(0.5):  # a rocket
        x, y = c.between(0.2, 0.8), c.between(0.3, 0.6)
        c.polygon([(x - 0.03, y + 0.18), (x + 0.03, y + 0.18), (x, y + c.between(0.3, 0.42))], (255, 160, 40))
        c.polygon([(x - 0.07, y + 0.2), (x + 0.07, y + 0.2), (x, y)], (210, 50, 50))
        c.box(x - 0.035, y - 0.12, x + 0.035, y + 0.17, (240, 240, 245), 0.03)
        c.polygon([(x - 0.035, y - 0.1), (x + 0.035, y - 0.1), (x, y - 0.23)], (210, 50, 50))
        c.disk(x, y, 0.026, (90, 170, 230))
    c.people(people, 1.0, 0.09)


def _red_carpet(c: Canvas, people: int) -> None:
    c.gradient(c.color(0.3, 0.35), c.color(0.3, 0.2))
    panel = c.color(0.3, 0.92)
    c.box(0.05, 0.05, 0.95, 0.75, panel)  # the wall of logos
    for y in np.arange(0.12, 0.72, 0.14):
        for k, x in enumerate(np.arange(0.12, 0.92, 0.13)):
            logo = c.color(0.7, 0.6)
            if k % 2:
                c.disk(x, y, 0.03, logo)
            else:
                c.box(x - 0.03, y - 0.02, x + 0.03, y + 0.02, logo)
    c.polygon([(0.1, 0.75), (0.9, 0.75), (1.2, 1), (-0.2, 1)], c.color(0.9, 0.7, 0.99))
    c.people(people, 0.96, 0.07, full=True)
    for side in (0.06, 0.36, 0.66, 0.96):  # ropes
        c.line([(side, 0.97), (side, 0.7)], (225, 185, 70), 0.025)
        c.disk(side, 0.69, 0.025, (250, 215, 100))
    for left in (0.06, 0.66):
        c.line(
            [(left + 0.3 * t, 0.73 + 0.32 * t * (1 - t)) for t in np.linspace(0, 1, 9)], (130, 20, 40), 0.03
        )
    for _ in range(c.rng.integers(1, 5)):  # flashes
        x, y, r = c.between(0.05, 0.95), c.between(0.05, 0.6), c.between(0.04, 0.1)
        for turn in np.arange(4) * np.pi / 4:
            dx, dy = 0.75 * r * np.cos(turn), r * np.sin(turn)
            c.line([(x - dx, y - dy), (x + dx, y + dy)], (255, 255, 255), 0.012)
        c.disk(x, y, 0.35 * r, (255, 255, 255))


def _club(c: Canvas, people: int) -> None:
    brick, mortar = c.color(0.65, 0.5, 0.02), c.color(0.3, 0.3, 0.05)
    c.gradient(mortar, mortar)
    for row, y in enumerate(np.arange(0, 0.85, 0.075)):  # a brick wall
        for x in np.arange(-0.12 + 0.06 * (row % 2), 1, 0.12):
            shade = c.between(0.8, 1.15)
            c.box(x, y, x + 0.112, y + 0.064, shaded(brick, shade))
    x = c.between(0.3, 0.7)
    c.glow([(x, -0.1), (x - 0.3, 1), (x + 0.3, 1)], (255, 240, 190), 0.3)
    c.gradient(c.color(0.4, 0.25, 0.07), c.color(0.4, 0.15, 0.07), 0.85, 1)
    if c.chance(0.5):  # a neon sign
        c.text(
            c.between(0.2, 0.8), 0.12, c.pick(["HA HA", "LOL", "COMEDY", "OPEN MIC"]), 0.13, c.color(0.7, 1.0)
        )
    if c.chance(0.6):  # a stool with a glass
        left = c.between(0.1, 0.8)
        c.box(left, 0.66, left + 0.12, 0.7, (70, 45, 30))
        for leg in (0.01, 0.11):
            c.line([(left + leg, 0.7), (left + leg * 1.6 - 0.03, 0.95)], (70, 45, 30), 0.02)
        c.box(left + 0.04, 0.57, left + 0.07, 0.66, (205, 225, 235))
    c.people(people, 0.98, 0.085, full=True)
    c.line([(x, 1), (x, 0.42)], (205, 205, 210), 0.014)
    c.disk(x, 0.4, 0.035, (35, 35, 40), 0.045)


def _skyline(c: Canvas, people: int) -> None:
    c.gradient(c.color(0.7, 0.2), c.color(0.7, 0.75))
    c.disk(c.between(0.2, 0.8), c.between(0.25, 0.45), c.between(0.12, 0.26), c.color(0.15, 1.0, 0.12))
    for shade, low in ((0.28, 0.35), (0.12, 0.55)):  # two rows of towers, some windows lit
        x = -0.05
        while x < 1:
            w, top = c.between(0.06, 0.14), c.between(low, low + 0.3)
            c.box(x, top, x + w, 1, c.color(0.4, shade))
            for wx in np.arange(x + 0.015, x + w - 0.015, 0.025):
                for wy in np.arange(top + 0.04, 0.95, 0.07):
                    if c.chance(0.3):
                        c.box(wx, wy, wx + 0.01, wy + 0.025, (255, 225, 130))
            x += w
    c.people(people, 1.0, 0.11)
    if c.chance(0.5):  # a film's title
        c.line([(0.2, 0.8), (0.8, 0.8)], (225, 225, 225))
        c.text(
            0.5,
            0.89,
            " ".join(c.pick(["SHADOW", "EMPIRE", "GHOST", "VOYAGE", "LEGEND"])),
            0.1,
            (235, 235, 235),
        )


SCENES: dict[str, Callable[[Canvas, int], None]] = {
    "stage": _stage,
    "pitch": _pitch,
    "game": _game,
    "news": _news,
    "kitchen": _kitchen,
    "vanity": _vanity,
    "workshop": _workshop,
    "landscape": _landscape,
    "road": _road,
    "animal": _animal,
    "classroom": _classroom,
    "cartoon": _cartoon,
    "living room": _living_room,
    "gadget": _gadget,
    "space": _space,
    "red carpet": _red_carpet,
    "club": _club,
    "skyline": _skyline,
}
