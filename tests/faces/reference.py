"""Writes what OpenCV finds on pictures, as the reference of the tests.

    python reference.py DIRECTORY-OF-THE-MODELS

Needs opencv-python-headless, numpy and onnx. The Zoo's models are quantised in blocks, which OpenCV cannot read: they are written
as plain 32-bit ones first, by `weights.plain`. Pictures: the samples of the sandbox, and the variants that stand in
crates/kyc-face/tests/pictures/variants, which this program makes of them if they are missing.
"""
import json
import pathlib
import sys
import tempfile

import cv2
import numpy as np

import weights

ROOT = pathlib.Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "crates/kyc-sandbox/samples"
VARIANTS = ROOT / "crates/kyc-face/tests/pictures/variants"
OUT = ROOT / "crates/kyc-face/tests/reference.json"


def rolled(picture):
    height, width = picture.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 20, 1.0)
    return cv2.warpAffine(picture, turn, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def narrow(picture):
    return cv2.resize(picture, (150, round(picture.shape[0] * 150 / picture.shape[1])), interpolation=cv2.INTER_AREA)


def variants():
    VARIANTS.mkdir(exist_ok=True)
    for name in ("a-2014", "a-2025", "b-2022"):
        picture = cv2.imread(str(SAMPLES / f"{name}.jpg"))
        small = cv2.resize(picture, None, fx=320 / picture.shape[0], fy=320 / picture.shape[0], interpolation=cv2.INTER_AREA)
        for kind, made, quality in (("rolled", rolled(small), 85), ("narrow", narrow(picture), 90), ("coarse", small, 15)):
            path = VARIANTS / f"{name}-{kind}.jpg"
            if not path.exists():
                cv2.imwrite(str(path), made, [cv2.IMWRITE_JPEG_QUALITY, quality])


def main(models):
    variants()
    folder = pathlib.Path(tempfile.mkdtemp())
    weights.plain(models / weights.DETECTOR, folder / "yunet.onnx")
    weights.plain(models / weights.RECOGNISER, folder / "sface.onnx")
    detector = cv2.FaceDetectorYN.create(str(folder / "yunet.onnx"), "", (320, 320), 0.7, 0.3)
    recogniser = cv2.FaceRecognizerSF.create(str(folder / "sface.onnx"), "")
    faces, features = {}, {}
    for path in sorted(SAMPLES.glob("*-*.jpg")) + sorted(VARIANTS.glob("*.jpg")):
        picture = cv2.imread(str(path))
        detector.setInputSize((picture.shape[1], picture.shape[0]))
        found = detector.detect(picture)[1]
        assert found is not None and len(found) == 1, path
        box, points, score = found[0][:4], found[0][4:14].reshape(5, 2), found[0][14]
        number = lambda values: [round(float(value), 2) for value in values]
        faces[path.stem] = {"box": number(box), "landmarks": [number(p) for p in points], "score": round(float(score), 4)}
        features[path.stem] = recogniser.feature(recogniser.alignCrop(picture, found[0])).copy()
    cosine = lambda one, other: round(float(recogniser.match(one, other, cv2.FaceRecognizerSF_FR_COSINE)), 4)
    names = list(features)
    pairs = [
        {"one": one, "other": other, "cosine": cosine(features[one], features[other])}
        for place, one in enumerate(names)
        for other in names[place + 1 :]
    ]
    OUT.write_text(json.dumps({"opencv": cv2.__version__, "faces": faces, "pairs": pairs}, indent=1) + "\n")
    print(len(names), "pictures,", len(pairs), "pairs")


main(pathlib.Path(sys.argv[1]))
