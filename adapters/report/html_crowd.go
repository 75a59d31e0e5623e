package report

import "math"

// crowd keeps marks on a map from covering each other.
type crowd struct {
	discs []disc
	boxes [][4]float64 // left, top, right, bottom
}

type disc struct{ x, y, r float64 }

// settle finds the free place for a disc that is nearest to (x, y) on a spiral around it, and takes it.
func (c *crowd) settle(x, y, r float64) (int, int) {
	const golden = 2.399963229728653 // the angle between neighbours on a sunflower: no direction is tried twice
	for i := 0; i < 2000; i++ {
		d := 2.5 * math.Sqrt(float64(i))
		px, py := x+d*math.Cos(float64(i)*golden), y+d*math.Sin(float64(i)*golden)
		if c.clear(px, py, r) {
			c.discs = append(c.discs, disc{px, py, r})
			return int(math.Round(px)), int(math.Round(py))
		}
	}
	return int(math.Round(x)), int(math.Round(y))
}

func (c *crowd) clear(x, y, r float64) bool {
	for _, o := range c.discs {
		if math.Hypot(o.x-x, o.y-y) < o.r+r {
			return false
		}
	}
	return true
}

// free says whether no mark and no label reaches into a rectangle.
func (c *crowd) free(left, top, right, bottom float64) bool {
	for _, o := range c.discs {
		nx, ny := math.Max(left, math.Min(o.x, right)), math.Max(top, math.Min(o.y, bottom))
		if math.Hypot(o.x-nx, o.y-ny) < o.r {
			return false
		}
	}
	for _, b := range c.boxes {
		if left < b[2] && b[0] < right && top < b[3] && b[1] < bottom {
			return false
		}
	}
	return true
}

func (c *crowd) box(left, top, right, bottom float64) {
	c.boxes = append(c.boxes, [4]float64{left, top, right, bottom})
}
