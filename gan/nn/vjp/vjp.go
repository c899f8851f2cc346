// Package vjp adds derivatives that GoMLX v0.28 lacks to its registry, for the graphs of the whole program: those of
// Pad, Reverse and Rsqrt. They are made of operations that have derivatives themselves, so that any order exists; the
// derivative of Slice, which GoMLX builds with Pad, becomes differentiable with them.
//
// Import it for its effect; it exports nothing.
package vjp

import (
	"reflect"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	. "github.com/gomlx/gomlx/support/exceptions"
)

func init() {
	register(NodeTypeReverse, reverse)
	register(NodeTypeRsqrt, rsqrt)
	register(NodeTypePad, pad)
}

// register adds the derivative of a node type with one output, unless GoMLX has come to have one.
func register(nodeType NodeType, derivative func(node, v *Node) []*Node) {
	if _, found := VJPRegistration[nodeType]; found {
		return
	}
	VJPRegistration[nodeType] = func(node *Node, vjps []*Node, _ shapes.Shape) []*Node {
		return derivative(node, vjps[0])
	}
}

// reverse: what was turned round is turned back.
func reverse(node, v *Node) []*Node {
	axes := field(node, "axes")
	reversed := make([]int, axes.Len())
	for i := range reversed {
		reversed[i] = int(axes.Index(i).Int())
	}
	return []*Node{Reverse(v, reversed...)}
}

// rsqrt: d x^(-1/2) = -1/2 x^(-3/2).
func rsqrt(node, v *Node) []*Node {
	return []*Node{MulScalar(Mul(v, Mul(node, Square(node))), -0.5)}
}

// pad: the numbers that came from the operand take their part of v, the fill value takes the rest.
func pad(node, v *Node) []*Node {
	config := field(node, "axesConfig")
	crop := make([]SliceAxisSpec, v.Rank())
	for axis := range crop {
		crop[axis] = AxisRange()
		if axis >= config.Len() {
			continue
		}
		start := int(config.Index(axis).FieldByName("Start").Int())
		end := int(config.Index(axis).FieldByName("End").Int())
		interior := int(config.Index(axis).FieldByName("Interior").Int())
		if start < 0 || end < 0 {
			Panicf("vjp: Pad by a negative number has no derivative here, use Slice to crop: %s", node)
		}
		crop[axis] = AxisRange(start, v.Shape().Dim(axis)-end).Stride(interior + 1)
	}
	dx := Slice(v, crop...)
	return []*Node{dx, Sub(ReduceAllSum(v), ReduceAllSum(dx))}
}

// field returns one of the parameters a node was built with. GoMLX keeps them in unexported structs, so they are read
// by reflection; a test fails should they be renamed.
func field(node *Node, name string) reflect.Value {
	inputs := reflect.ValueOf(node).Elem().FieldByName("inputs")
	if !inputs.IsValid() || inputs.IsNil() {
		Panicf("vjp: %s has no parameters: the version of GoMLX is not the one this package was written for", node)
	}
	value := inputs.Elem().Elem().FieldByName(name)
	if !value.IsValid() {
		Panicf("vjp: %s has no parameter %q: the version of GoMLX is not the one this package was written for", node, name)
	}
	return value
}
