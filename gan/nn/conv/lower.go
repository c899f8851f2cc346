package conv

import (
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// lower builds the operation for the backend of the graph and records how it is differentiated.
//
// GoMLX takes derivatives per node type and has no public way to give one node its own. So each lowering ends in a
// node that is only made here, remembered per graph, whose registered derivative looks it up.
func lower(p problem, op operation, a, b *Node) *Node {
	if a.Graph().Backend().Name() == goBackendName {
		return record(p, op, SchedulingBarrier(byMatrixProduct(p, op, a, b), a, b))
	}
	if op == opTranspose && p.gainsByPhases(a, b) {
		return record(p, op, SchedulingBarrier(p.transposeByPhases(a, b, p.phaseByConvolution), a, b))
	}
	return record(p, op, directly(p, op, a, b))
}

// goBackendName is what GoMLX's pure Go backend calls itself.
const goBackendName = "Go Backend"

// recordsKey is the key of a graph's records among the states attached to it.
type recordsKey struct{}

type recorded struct {
	problem problem
	op      operation
}

func record(p problem, op operation, node *Node) *Node {
	g := node.Graph()
	records, ok := g.State(recordsKey{}).(map[NodeId]recorded)
	if !ok {
		records = make(map[NodeId]recorded)
		g.AttachState(recordsKey{}, records)
	}
	records[node.Id()] = recorded{p, op}
	return node
}

func find(node *Node) (recorded, bool) {
	records, _ := node.Graph().State(recordsKey{}).(map[NodeId]recorded)
	found, ok := records[node.Id()]
	return found, ok
}

func init() {
	convGeneral := VJPRegistration[NodeTypeConvGeneral]
	VJPRegistration[NodeTypeConvGeneral] = func(node *Node, vjps []*Node, outputShape shapes.Shape) []*Node {
		r, ok := find(node)
		if !ok {
			return convGeneral(node, vjps, outputShape)
		}
		a, b := node.Inputs()[0], node.Inputs()[1]
		if r.op == opTranspose { // The node's kernel is the reversed one.
			da, db := r.problem.gradients(r.op, a, Reverse(b, 0, 1), vjps[0])
			return []*Node{da, Reverse(db, 0, 1)}
		}
		da, db := r.problem.gradients(r.op, a, b, vjps[0])
		return []*Node{da, db}
	}

	schedulingBarrier := VJPRegistration[NodeTypeSchedulingBarrier]
	VJPRegistration[NodeTypeSchedulingBarrier] = func(node *Node, vjps []*Node, outputShape shapes.Shape) []*Node {
		r, ok := find(node)
		if !ok {
			return schedulingBarrier(node, vjps, outputShape)
		}
		// The first input is the lowered operation: its own derivative is not wanted.
		da, db := r.problem.gradients(r.op, node.Inputs()[1], node.Inputs()[2], vjps[0])
		return []*Node{nil, da, db}
	}
}
