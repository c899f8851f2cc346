package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan/preset"
	"github.com/ganymede-ml/ganymede/gan/style"
)

// completeTrain offers the names that flags take.
func completeTrain(command *cobra.Command) {
	names := map[string][]string{"channels": {"1", "3"}}
	for _, s := range settings {
		if s.names != nil {
			names[s.name] = s.names()
		}
	}
	for _, p := range preset.All() {
		names["preset"] = append(names["preset"], cobra.CompletionWithDesc(p.Name, p.Summary))
	}
	for _, p := range taskPresets() {
		names["preset"] = append(names["preset"], cobra.CompletionWithDesc(p.name, p.summary))
	}
	names["direction"], names["masks"], names["encoder"] = directionNames, maskNames(), style.Encoders()
	for flag, list := range names {
		must(command.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(list, cobra.ShellCompDirectiveNoFileComp)))
	}
	must(command.RegisterFlagCompletionFunc("data", completeData))
	completeChosen(command)
	must(command.MarkFlagDirname("run"))
	must(command.MarkFlagDirname("from"))
}

// completeData offers the names of data sets, and folders after folder:.
func completeData(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	path, isFolder := strings.CutPrefix(typed, folderPrefix)
	if !isFolder {
		names := []string{folderPrefix, pairsPrefix, unpairedPrefix}
		for _, info := range datasets.List() {
			if !strings.HasPrefix(info.Name, folderPrefix) {
				names = append(names, cobra.CompletionWithDesc(info.Name, info.Summary))
			}
		}
		directive := cobra.ShellCompDirectiveNoFileComp
		if typed != "" && strings.HasPrefix(folderPrefix, typed) {
			directive |= cobra.ShellCompDirectiveNoSpace
		}
		return names, directive
	}
	parent, _ := filepath.Split(path)
	entries, err := os.ReadDir(filepath.Clean("./" + parent))
	if filepath.IsAbs(parent) {
		entries, err = os.ReadDir(parent)
	}
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var names []string
	for _, entry := range entries {
		if entry.IsDir() && !strings.HasPrefix(entry.Name(), ".") {
			names = append(names, folderPrefix+parent+entry.Name()+"/")
		}
	}
	slices.Sort(names)
	return names, cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
}

// must is for what can only go wrong in the program itself.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// completeOneData offers names of data sets for the first argument.
func completeOneData(cmd *cobra.Command, arguments []string, typed string) ([]string, cobra.ShellCompDirective) {
	if len(arguments) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return completeData(cmd, nil, typed)
}
