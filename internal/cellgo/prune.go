package main

import (
	"crypto/sha256"
	"encoding/hex"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"regexp"
	"strconv"
	"strings"
)

// prune returns the source of a program without the top-level declarations that main does not reach, and without the imports
// that only they use. What goes is overwritten by spaces, so that lines keep their numbers. It tells false if nothing goes.
//
// Functions called init, constants, and variables whose value comes from a call that may do more than make it always stay.
func prune(source []byte) ([]byte, bool) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, cellFile, source, parser.SkipObjectResolution)
	if err != nil {
		return nil, false
	}
	p := newPruner(file)
	p.reachAll()
	pruned, changed := append([]byte(nil), source...), false
	blank := func(from, to token.Pos) {
		changed = true
		for i := offset(files, from); i < offset(files, to); i++ {
			if pruned[i] != '\n' {
				pruned[i] = ' '
			}
		}
	}
	for _, piece := range p.pieces {
		if !piece.reached {
			blank(piece.node.Pos(), piece.node.End())
		}
	}
	for _, spec := range file.Imports {
		if !p.uses(spec) {
			blank(spec.Pos(), spec.End())
		}
	}
	return pruned, changed
}

// offset returns where in the source a position is, whatever a //line comment says.
func offset(files *token.FileSet, position token.Pos) int {
	return files.PositionFor(position, false).Offset
}

// declarations returns a hash of everything in a program but main and what only main imports.
func declarations(source []byte) string {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, cellFile, source, parser.SkipObjectResolution)
	if err != nil {
		return ""
	}
	hash := sha256.New()
	note := func(node ast.Node) {
		hash.Write(source[offset(files, node.Pos()):offset(files, node.End())])
		hash.Write([]byte{0})
	}
	p := &pruner{used: map[string]bool{}}
	for _, declaration := range file.Decls {
		if function, ok := declaration.(*ast.FuncDecl); ok && function.Recv == nil && function.Name.Name == "main" {
			continue
		}
		if group, ok := declaration.(*ast.GenDecl); ok && group.Tok == token.IMPORT {
			continue
		}
		note(declaration)
		ast.Inspect(declaration, p.see)
	}
	for _, spec := range file.Imports {
		if p.uses(spec) {
			note(spec)
		}
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// piece is a part of the program that stays or goes: a function, a type, or the variables of one line.
type piece struct {
	node    ast.Node
	reached bool
}

// pruner finds what main reaches.
type pruner struct {
	pieces  []*piece
	byName  map[string][]*piece // The methods of a type are under the type's name.
	queue   []ast.Node
	used    map[string]bool // Names before a dot: packages among them.
	local   map[string]bool // Names of parameters, type parameters and fields.
	unbound bool            // A capital name that is not declared here: a dot import is needed.
}

func newPruner(file *ast.File) *pruner {
	p := &pruner{byName: map[string][]*piece{}, used: map[string]bool{}, local: map[string]bool{}}
	ast.Inspect(file, func(node ast.Node) bool {
		if field, ok := node.(*ast.Field); ok {
			for _, name := range field.Names {
				p.local[name.Name] = true
			}
		}
		return true
	})
	for _, declaration := range file.Decls {
		switch declaration := declaration.(type) {
		case *ast.FuncDecl:
			p.addFunction(declaration)
		case *ast.GenDecl:
			p.addGroup(declaration)
		}
	}
	return p
}

func (p *pruner) addFunction(function *ast.FuncDecl) {
	name := function.Name.Name
	if function.Recv != nil && len(function.Recv.List) > 0 {
		name = receiver(function.Recv.List[0].Type)
	} else if name == "main" || name == "init" {
		p.queue = append(p.queue, function)
		return
	}
	p.add(function, name)
}

// receiver returns the name of the type of a method.
func receiver(expression ast.Expr) string {
	for {
		switch e := expression.(type) {
		case *ast.StarExpr:
			expression = e.X
		case *ast.ParenExpr:
			expression = e.X
		case *ast.IndexExpr:
			expression = e.X
		case *ast.IndexListExpr:
			expression = e.X
		case *ast.Ident:
			return e.Name
		default:
			return ""
		}
	}
}

func (p *pruner) addGroup(group *ast.GenDecl) {
	switch group.Tok {
	case token.CONST:
		p.queue = append(p.queue, group)
		for _, spec := range group.Specs {
			for _, name := range spec.(*ast.ValueSpec).Names {
				p.byName[name.Name] = append(p.byName[name.Name], &piece{node: group, reached: true})
			}
		}
	case token.VAR:
		for _, spec := range group.Specs {
			spec := spec.(*ast.ValueSpec)
			var names []string
			for _, name := range spec.Names {
				names = append(names, name.Name)
			}
			if len(group.Specs) == 1 && !group.Lparen.IsValid() || mayAct(spec) {
				p.queue = append(p.queue, spec)
				for _, name := range names {
					p.byName[name] = append(p.byName[name], &piece{node: spec, reached: true})
				}
				continue
			}
			p.add(spec, names...)
		}
	case token.TYPE:
		if group.Lparen.IsValid() {
			for _, spec := range group.Specs {
				p.add(spec, spec.(*ast.TypeSpec).Name.Name)
			}
			return
		}
		p.add(group, group.Specs[0].(*ast.TypeSpec).Name.Name)
	}
}

func (p *pruner) add(node ast.Node, names ...string) {
	one := &piece{node: node}
	p.pieces = append(p.pieces, one)
	for _, name := range names {
		p.byName[name] = append(p.byName[name], one)
	}
}

// makers are functions that make a value and do nothing else.
var makers = map[string]bool{"make": true, "new": true, "len": true, "append": true, "string": true, "float32": true, "float64": true, "int": true,
	"sync.OnceValue": true, "sync.OnceValues": true, "sync.OnceFunc": true, "errors.New": true, "regexp.MustCompile": true}

// mayAct tells whether the variables must stay though nobody names them: "_", or what a call other than a maker's returns.
func mayAct(spec *ast.ValueSpec) bool {
	acts := false
	for _, name := range spec.Names {
		acts = acts || name.Name == "_"
	}
	for _, value := range spec.Values {
		ast.Inspect(value, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.FuncLit:
				return false // Not called here, or the call is seen.
			case *ast.CallExpr:
				acts = acts || !makers[callee(node.Fun)]
			case *ast.UnaryExpr:
				acts = acts || node.Op == token.ARROW
			}
			return true
		})
	}
	return acts
}

// callee returns the name of a function as it is called: "f", "package.F"; or "".
func callee(function ast.Expr) string {
	switch function := function.(type) {
	case *ast.Ident:
		return function.Name
	case *ast.SelectorExpr:
		if before, ok := function.X.(*ast.Ident); ok {
			return before.Name + "." + function.Sel.Name
		}
	}
	return ""
}

// reachAll walks from main over everything that it names, directly or not.
func (p *pruner) reachAll() {
	for len(p.queue) > 0 {
		node := p.queue[0]
		p.queue = p.queue[1:]
		ast.Inspect(node, p.see)
	}
}

// see takes note of the names in a node. It goes by names alone, so a local variable called as a function keeps the function.
func (p *pruner) see(node ast.Node) bool {
	switch node := node.(type) {
	case *ast.FuncDecl:
		if node.Recv != nil {
			ast.Inspect(node.Recv, p.see)
		}
		ast.Inspect(node.Type, p.see)
		if node.Body != nil {
			ast.Inspect(node.Body, p.see)
		}
		return false // Not its name, which in a method is nobody else's.
	case *ast.SelectorExpr:
		if before, ok := node.X.(*ast.Ident); ok {
			p.used[before.Name] = true
			p.reach(before.Name)
			return false
		}
		ast.Inspect(node.X, p.see)
		return false
	case *ast.KeyValueExpr:
		if _, ok := node.Key.(*ast.Ident); !ok {
			ast.Inspect(node.Key, p.see)
		} else if name := node.Key.(*ast.Ident).Name; p.byName[name] != nil {
			p.reach(name) // The key of a map; or a field of that name, which does no harm.
		}
		ast.Inspect(node.Value, p.see)
		return false
	case *ast.Field:
		ast.Inspect(node.Type, p.see) // Not its names.
		return false
	case *ast.Ident:
		p.reach(node.Name)
		if p.byName[node.Name] == nil && !p.local[node.Name] && ast.IsExported(node.Name) {
			p.unbound = true
		}
	}
	return true
}

func (p *pruner) reach(name string) {
	for _, piece := range p.byName[name] {
		if !piece.reached {
			piece.reached = true
			p.queue = append(p.queue, piece.node)
		}
	}
}

// versionSuffix is the end of an import path that is no part of the package's name.
var versionSuffix = regexp.MustCompile(`^v[0-9]+$`)

// uses tells whether what is reached uses an import. Where a package is called otherwise than its path says, the answer may be
// wrong; the program does not compile then, and is built whole.
func (p *pruner) uses(spec *ast.ImportSpec) bool {
	if spec.Name != nil {
		switch spec.Name.Name {
		case "_":
			return true
		case ".":
			return p.unbound
		}
		return p.used[spec.Name.Name]
	}
	importPath, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		return true
	}
	name := path.Base(importPath)
	if versionSuffix.MatchString(name) {
		name = path.Base(path.Dir(importPath))
	}
	name, _, _ = strings.Cut(strings.TrimPrefix(name, "go-"), ".") // gopkg.in/yaml.v3
	return p.used[name]
}
