//! A face on a picture.

/// A point on a picture, in pixels from its upper left corner.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// To the right.
    pub x: f32,
    /// Downwards.
    pub y: f32,
}

/// Where eyes, nose and mouth are. Right and left are the person's, so that the right eye is on the left of the picture.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Landmarks {
    /// The right eye.
    pub right_eye: Point,
    /// The left eye.
    pub left_eye: Point,
    /// The tip of the nose.
    pub nose: Point,
    /// The right corner of the mouth.
    pub right_mouth: Point,
    /// The left corner of the mouth.
    pub left_mouth: Point,
}

/// A face that was found. It tells where the face is, not whose it is.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Face {
    /// The upper left corner of the box around the face. It may lie outside of the picture.
    pub corner: Point,
    /// The width of the box in pixels.
    pub width: f32,
    /// The height of the box in pixels.
    pub height: f32,
    /// Where eyes, nose and mouth are.
    pub landmarks: Landmarks,
    /// How sure the detector is, from 0 to 1.
    pub score: f32,
}

impl Landmarks {
    /// Returns the points in the order of the detector: right eye, left eye, nose, right and left corner of the mouth.
    #[must_use]
    pub fn points(&self) -> [Point; 5] {
        [self.right_eye, self.left_eye, self.nose, self.right_mouth, self.left_mouth]
    }

    pub(crate) fn from_points([right_eye, left_eye, nose, right_mouth, left_mouth]: [Point; 5]) -> Self {
        Self { right_eye, left_eye, nose, right_mouth, left_mouth }
    }
}

impl Point {
    /// Returns the point halfway to another.
    pub(crate) fn middle(self, other: Self) -> Self {
        Self { x: f32::midpoint(self.x, other.x), y: f32::midpoint(self.y, other.y) }
    }
}

impl Face {
    /// Returns by how many degrees the head is tilted to a shoulder: 0 is upright, positive is clockwise, from -180 to 180.
    #[must_use]
    pub fn roll(&self) -> f32 {
        let (right, left) = (self.landmarks.right_eye, self.landmarks.left_eye);
        (left.y - right.y).atan2(left.x - right.x).to_degrees()
    }

    /// Returns the distance between the eyes in pixels.
    #[must_use]
    pub fn eye_distance(&self) -> f32 {
        let (right, left) = (self.landmarks.right_eye, self.landmarks.left_eye);
        (left.x - right.x).hypot(left.y - right.y)
    }

    /// Returns how far the head is turned to a side: 0 is straight ahead, and at 1 the nose is above an eye.
    #[must_use]
    pub fn turn(&self) -> f32 {
        let (along, _) = self.of_nose();
        (2.0 * along - 1.0).abs()
    }

    /// Whether eyes, nose and mouth are where a face that looks at the camera has them. On a picture that lies on its side they
    /// often are not.
    #[must_use]
    pub fn is_plausible(&self) -> bool {
        let marks = &self.landmarks;
        let eyes = self.eye_distance();
        let mouth = marks.right_mouth.middle(marks.left_mouth);
        let brow = marks.right_eye.middle(marks.left_eye);
        let face = (mouth.x - brow.x).hypot(mouth.y - brow.y);
        let (along, below) = self.of_nose();
        // The line from the eyes to the mouth is at right angles to the line between the eyes.
        let lean = ((mouth.x - brow.x) * (marks.left_eye.x - marks.right_eye.x)
            + (mouth.y - brow.y) * (marks.left_eye.y - marks.right_eye.y))
            / (eyes * face).max(f32::EPSILON);
        let is_inside = |point: Point| {
            let (x, y) = (point.x - self.corner.x, point.y - self.corner.y);
            (-0.1..=1.1).contains(&(x / self.width)) && (-0.1..=1.1).contains(&(y / self.height))
        };
        (0.15..=0.75).contains(&(eyes / self.width))
            && (0.5..=2.5).contains(&(face / eyes.max(f32::EPSILON)))
            && (-0.1..=1.1).contains(&along)
            && below > 0.0
            && lean.abs() < 0.5
            && marks.points().into_iter().all(is_inside)
    }

    /// Where the nose is, in eye distances: along the line from the right eye to the left, and below it.
    fn of_nose(&self) -> (f32, f32) {
        let (right, left, nose) = (self.landmarks.right_eye, self.landmarks.left_eye, self.landmarks.nose);
        let (dx, dy) = (left.x - right.x, left.y - right.y);
        let square = (dx * dx + dy * dy).max(f32::EPSILON);
        let (x, y) = (nose.x - right.x, nose.y - right.y);
        ((x * dx + y * dy) / square, (y * dx - x * dy) / square)
    }
}
